/*
 * The main of a web program: settings, keys, templates, then requests until
 * it is told to stop.
 */
#ifndef WEB_PROGRAM_H
#define WEB_PROGRAM_H

#include "web/router.h"

/*
 * Runs as FastCGI worker on standard input's socket, or, when that is none
 * and REQUEST_METHOD is set, answers one CGI request on standard output.
 * Returns the exit status: 0 after SIGTERM, 78 when settings, keys or
 * templates are not usable (one line on stderr says why), 64 when there is
 * neither a socket nor a request.
 */
int program_main(const char *name, const struct route *routes);

#endif
