/*
 * Writes an answer as FastCGI records.  Must not know what it says.
 */
#include "web/record.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

enum { VERSION = 1, END_REQUEST = 3, STDOUT = 6 };

/* A record tells its length in 16 bits; whole words go fastest. */
#define CONTENT_MAX 65528
/* So many are written at once, each with its head, and the end after them. */
#define RECORDS 16

struct head {
	unsigned char bytes[8];
};

static struct head head_of(int type, int request, ptrdiff_t length)
{
	return (struct head){{
		VERSION,
		(unsigned char)type,
		(unsigned char)(request >> 8),
		(unsigned char)request,
		(unsigned char)(length >> 8),
		(unsigned char)length,
	}};
}

struct batch {
	int fd, request;
	int records;
	struct head heads[RECORDS + 2];
	struct iovec parts[2 * RECORDS + 3];
	int count;
};

/* Of what was taken, the parts that are left begin at from. */
static void parts_drop(struct msghdr *message, size_t taken)
{
	while (message->msg_iovlen > 0 && taken >= message->msg_iov->iov_len) {
		taken -= message->msg_iov->iov_len;
		message->msg_iov++;
		message->msg_iovlen--;
	}
	if (message->msg_iovlen > 0) {
		message->msg_iov->iov_base =
			(char *)message->msg_iov->iov_base + taken;
		message->msg_iov->iov_len -= taken;
	}
}

static bool batch_write(struct batch *b)
{
	struct msghdr message = {
		.msg_iov = b->parts,
		.msg_iovlen = (size_t)b->count,
	};

	while (message.msg_iovlen > 0) {
		ssize_t n = sendmsg(b->fd, &message, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		parts_drop(&message, (size_t)n);
	}
	b->records = b->count = 0;
	return true;
}

static void part_add(struct batch *b, const void *p, size_t n)
{
	struct iovec *part = &b->parts[b->count++];

	/* not const in POSIX, though sendmsg() only reads it */
	memcpy(&part->iov_base, &p, sizeof(p));
	part->iov_len = n;
}

static void head_add(struct batch *b, int type, ptrdiff_t length)
{
	struct head *head = &b->heads[b->records++];

	*head = head_of(type, b->request, length);
	part_add(b, head, sizeof(*head));
}

static bool text_add(struct batch *b, struct str text)
{
	while (text.n > 0) {
		struct str piece = str_first(text, CONTENT_MAX);

		if (b->records == RECORDS && !batch_write(b))
			return false;
		head_add(b, STDOUT, piece.n);
		part_add(b, piece.p, (size_t)piece.n);
		text = str_from(text, piece.n);
	}
	return true;
}

bool record_answer(int fd, int request, struct str text, struct str rest)
{
	/* the program's status, 0, and that the request is complete, 0 */
	static const unsigned char complete[8];
	struct batch b = {.fd = fd, .request = request};

	if (!text_add(&b, text) || !text_add(&b, rest))
		return false;
	head_add(&b, STDOUT, 0);
	head_add(&b, END_REQUEST, sizeof(complete));
	part_add(&b, complete, sizeof(complete));
	return batch_write(&b);
}
