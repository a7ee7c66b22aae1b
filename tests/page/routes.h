/*
 * The programs' real route tables, reached from a test.
 */
#ifndef PAGE_ROUTES_H
#define PAGE_ROUTES_H

#include "web/router.h"

/* Of answer, member or staff; ends the program for another name. */
const struct route *routes_of(const char *program);

#endif
