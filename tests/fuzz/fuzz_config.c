/*
 * Settings files of any bytes: either all settings are whole, or one sentence
 * says what is wrong without a control character in it.
 */
#include "base/config.h"

#include <fcntl.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char path[] = "/tmp/fuzz_config.XXXXXX";

static void leave(void)
{
	(void)unlink(path);
}

static int file_get(void)
{
	static int fd = -1;

	if (fd < 0) {
		fd = mkstemp(path);
		if (fd < 0 || setenv("ROLLCALL_CONFIG", path, 1) != 0 ||
		    atexit(leave) != 0)
			abort();
	}
	return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct config config;
	struct str why = STR_ABSENT;
	int fd = file_get();

	if (ftruncate(fd, 0) != 0 || pwrite(fd, data, size, 0) != (ssize_t)size)
		abort();
	arena_init(&a, (size_t)4 << 20);
	if (!config_read(&a, &config, &why)) {
		if (why.n == 0 || str_has_control(why, false))
			abort();
	} else if (config.database_url.n == 0 || config.keys_file.n == 0 ||
		   str_ends(config.base_url, STR("/")) ||
		   str_has_control(config.base_url, false)) {
		abort();
	}
	arena_release(&a);
	return 0;
}
