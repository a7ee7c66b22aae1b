/*
 * Calls that may not appear in this project: each has a safer sibling.
 * Force-included before every file.
 */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

/* Fortified headers make these macros for clang, which cannot be poisoned. */
#undef sprintf
#undef vsprintf

#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf gets strtok
#pragma GCC poison strtok_r atoi atol atoll atof gmtime localtime ctime asctime
#pragma GCC poison system popen tmpnam tempnam mktemp alloca

#endif
