/*
 * Whole files, read and replaced.  Must not look into them.
 */
#include "jobs/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static bool fail(struct arena *a, struct str path, const char *what,
		 struct str *why)
{
	*why = str_printf(a, "%.*s: %s", STR_ARG(path), what);
	return false;
}

static bool read_all(int fd, char *p, size_t n)
{
	while (n > 0) {
		ssize_t got = read(fd, p, n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		p += got;
		n -= (size_t)got;
	}
	return true;
}

static bool write_all(int fd, struct str text)
{
	while (text.n > 0) {
		ssize_t put = write(fd, text.p, (size_t)text.n);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return false;
		text = str_from(text, put);
	}
	return true;
}

struct str file_read(struct arena *a, struct str path, ptrdiff_t max,
		     struct str *why)
{
	int fd = open(str_z(a, path), O_RDONLY | O_CLOEXEC);
	struct stat st;
	char *p = NULL;

	if (fd < 0) {
		(void)fail(a, path, strerror(errno), why);
		return STR_ABSENT;
	}
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		(void)fail(a, path, "not a file", why);
	} else if (st.st_size > max) {
		bool small = max < 1 << 20;

		(void)fail(a, path,
			   str_z(a, str_printf(a, "over %td %s",
					       max >> (small ? 10 : 20),
					       small ? "KiB" : "MiB")),
			   why);
	} else {
		p = arena_get_text(a, (size_t)st.st_size + 1);
		if (!read_all(fd, p, (size_t)st.st_size)) {
			(void)fail(a, path, "could not be read", why);
			p = NULL;
		}
	}
	close(fd);
	return p ? str_at(p, (ptrdiff_t)st.st_size) : STR_ABSENT;
}

static bool write_new(struct arena *a, const char *path, struct str text,
		      mode_t mode, struct str *why)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	bool good;

	if (fd < 0)
		return fail(a, str_of(path), strerror(errno), why);
	good = write_all(fd, text) && fsync(fd) == 0;
	good = close(fd) == 0 && good;
	if (good)
		return true;
	unlink(path);
	return fail(a, str_of(path), "could not be written", why);
}

bool file_make(struct arena *a, struct str path, struct str text, mode_t mode,
	       struct str *why)
{
	return write_new(a, str_z(a, path), text, mode, why);
}

bool file_replace(struct arena *a, struct str path, struct str text,
		  struct str *why)
{
	const char *old = str_z(a, path);
	const char *new = str_z(a, str_printf(a, "%s.new", old));
	struct stat st;

	if (stat(old, &st) != 0)
		return fail(a, path, strerror(errno), why);
	if (!write_new(a, new, text, 0600, why))
		return false;
	/* As root the programs' user must still be able to read it. */
	if (chown(new, st.st_uid, st.st_gid) == 0 &&
	    chmod(new, st.st_mode & 0777) == 0 && rename(new, old) == 0)
		return true;
	(void)fail(a, path, strerror(errno), why);
	unlink(new);
	return false;
}
