/*
 * What the files of transfer.h share: transfer.c keeps a channel's exchanges
 * and waits for the network, transfer_post.c and transfer_talk.c are the ways
 * in which an exchange goes.  Private to them.
 */
#ifndef SEND_TRANSFER_CODE_H
#define SEND_TRANSFER_CODE_H

#include "send/transfer.h"

#include <curl/curl.h>

enum transfer_state { TRANSFER_FREE, TRANSFER_UNDER_WAY, TRANSFER_OVER };

/* Whose turn it is. */
enum transfer_mover {
	MOVER_NONE, /* no connection of ours */
	MOVER_CURL, /* libcurl's, until it is done */
	MOVER_TALK  /* ours: a connection, kept between exchanges */
};

/* One exchange's place, and what is kept there for the next one. */
struct transfer {
	enum transfer_state state;
	enum transfer_mover mover;
	struct pool *pool;
	CURL *easy;
	bool added;		    /* to the multi: what it holds lives */
	struct curl_slist *headers; /* a post's */
	curl_socket_t socket;	    /* a talk's */
	bool kept;		    /* its connection: from another exchange */
	void *notes;
	void *ticket;
	int64_t begun_ms;
	int64_t over_ms;
	struct send_result result;
};

struct pool {
	struct channel channel; /* first: the one is the other */
	const struct transfer_protocol *protocol;
	struct arena *arena;
	const char *url;
	bool private;
	bool checked; /* the certificate, where there is one */
	CURLM *multi;
	int places; /* of transfers, that were ever used */
	struct transfer transfers[CHANNEL_MOST_EVER];
};

struct transfer_way {
	/* Of a new easy handle. */
	bool (*set_up)(struct transfer *t);
	/* An exchange; false: out of memory. */
	bool (*begin)(struct transfer *t, const struct transfer_order *order);
	/* libcurl is done with what it moved. */
	void (*done)(struct transfer *t, CURLcode code);
	/* Our socket is ready, or the time is over. */
	void (*step)(struct transfer *t);
	/* What is to be waited for there: CURL_WAIT_POLLIN or _POLLOUT. */
	short (*waits)(const struct transfer *t);
	/* Ends what is under way with why. */
	void (*stop)(struct transfer *t, bool cut_off, const char *why);
	/* The connection is not used again; it is told so where that is due. */
	void (*leave)(struct transfer *t);
};

/* Gives it to libcurl, and takes it back: what is open there is closed. */
bool transfer_add(struct transfer *t);
void transfer_remove(struct transfer *t);

/* The exchange is over. */
void transfer_settle(struct transfer *t, const struct transfer_end *end);

/* What is left of the time for the exchange, in milliseconds, at least 0. */
int64_t transfer_left_ms(const struct transfer *t);

/* A fixed word for what went wrong. */
const char *transfer_name_failure(CURLcode code);

#endif
