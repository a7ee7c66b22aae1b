/*
 * FastCGI, and plain CGI, around the router: the only user of libfcgi.
 */
#ifndef WEB_FCGI_H
#define WEB_FCGI_H

#include "web/router.h"

/*
 * Serves until SIGTERM, SIGQUIT or SIGINT; the request in hand is finished
 * first.
 */
int fcgi_serve(struct app *app, const struct route *routes);

#endif
