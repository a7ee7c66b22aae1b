/*
 * The operator's settings.  Must not know what they are used for, and never
 * prints a value: a URL may hold a password.
 */
#include "base/config.h"

#include "base/address.h"

#include <fcntl.h>
#include <unistd.h>

#define CONFIG_FILE_MAX 65536
/* A +, 19 digits, a - and 20 more. */
#define BOUNCE_TAIL_MAX 41
#define BOUNCE_LOCAL_MAX (64 - BOUNCE_TAIL_MAX - 1)

/*
 * Checks a value and may put it into its usual form.  Returns what is wrong
 * and what to do, to be read after "NAME: ", or NULL.
 */
typedef const char *config_check(struct arena *a, struct str *value);

static config_check check_database, check_base, check_smtp, check_connections,
	check_address, check_bounce, check_http, check_push, check_live,
	check_path;

struct config_setting {
	const char *name;
	size_t at;
	config_check *check;
	bool needed;
};

#define CONFIG_SETTING(name, field, check, needed)                             \
	{                                                                      \
		name, offsetof(struct config, field), check, needed            \
	}

static const struct config_setting settings[] = {
	CONFIG_SETTING("DATABASE_URL", database_url, check_database, true),
	CONFIG_SETTING("BASE_URL", base_url, check_base, true),
	CONFIG_SETTING("SMTP_URL", smtp_url, check_smtp, false),
	CONFIG_SETTING("SMTP_CONNECTIONS", smtp_connections, check_connections,
		       false),
	CONFIG_SETTING("MAIL_FROM", mail_from, check_address, false),
	CONFIG_SETTING("BOUNCE_ADDRESS", bounce_address, check_bounce, false),
	CONFIG_SETTING("PUSH_URL", push_url, check_push, false),
	CONFIG_SETTING("MIRROR_URL", mirror_url, check_http, false),
	CONFIG_SETTING("LIVE_URL", live_url, check_live, false),
	CONFIG_SETTING("HEARTBEAT_URL", heartbeat_url, check_http, false),
	CONFIG_SETTING("KEYS_FILE", keys_file, check_path, true),
	CONFIG_SETTING("TEMPLATES_DIR", templates_dir, check_path, false),
	CONFIG_SETTING("CONTACT", contact, check_address, false),
};
#define SETTINGS (sizeof(settings) / sizeof(settings[0]))

static struct str *config_field(struct config *config,
				const struct config_setting *s)
{
	return (struct str *)(void *)((char *)config + s->at);
}

/* --- shapes ----------------------------------------------------------------
 */

/* What stands between scheme and path; the rest of the URL in *path. */
static struct str url_authority(struct str url, struct str scheme,
				struct str *path)
{
	struct str rest = str_from(url, scheme.n);
	ptrdiff_t n = 0;

	while (n < rest.n && !strchr("/?#", rest.p[n]))
		n++;
	*path = str_from(rest, n);
	return str_first(rest, n);
}

static bool url_starts(struct str url, struct str scheme)
{
	return str_starts(url, scheme) && url.n > scheme.n;
}

static const char *check_database(struct arena *a, struct str *value)
{
	struct str scheme = STR("postgresql://");
	struct str path;

	(void)a;
	if (!str_starts(*value, scheme))
		return "write it as postgresql:///DATABASE?host=/SOCKET/FOLDER "
		       "or postgresql://HOST/DATABASE";
	if (str_find(url_authority(*value, scheme, &path), '@') >= 0 ||
	    str_find_str(path, STR("?user=")) >= 0 ||
	    str_find_str(path, STR("&user=")) >= 0)
		return "leave the user out: each program connects as "
		       "rollcall_ and its name";
	return NULL;
}

static bool host_is_loopback(struct str host)
{
	int64_t part;
	struct str rest;

	if (str_equal(host, STR("localhost")) || str_equal(host, STR("[::1]")))
		return true;
	if (!str_starts(host, STR("127.")))
		return false;
	for (int i = 0; i < 4; i++) {
		if (!str_read_int(str_cut(host, '.', &rest), &part) ||
		    part < 0 || part > 255)
			return false;
		host = rest;
	}
	return str_is_absent(host);
}

static bool host_is_sound(struct str host)
{
	bool six = str_starts(host, STR("[")) && str_ends(host, STR("]"));
	const char *allowed = six ? "0123456789abcdef:.[]"
				  : "abcdefghijklmnopqrstuvwxyz0123456789-.";

	for (ptrdiff_t i = 0; i < host.n; i++)
		if (!strchr(allowed, host.p[i]))
			return false;
	return host.n > 0 && host.n <= 253;
}

/* Divides host:port; the port absent when there is none. */
static struct str host_cut(struct str authority, struct str *port)
{
	ptrdiff_t end = str_find(authority, ']');
	ptrdiff_t from = end > 0 ? end : 0;
	ptrdiff_t at = str_find(str_from(authority, from), ':');

	*port = STR_ABSENT;
	if (at < 0)
		return authority;
	*port = str_from(authority, from + at + 1);
	return str_first(authority, from + at);
}

static bool port_is_sound(struct str port)
{
	int64_t n;

	return str_is_absent(port) ||
	       (str_read_int(port, &n) && n >= 1 && n <= 65535);
}

/* In the form in which browsers send Origin: lower case, no usual port. */
static const char *check_base(struct arena *a, struct str *value)
{
	struct str url = str_lower(a, *value);
	bool tls = str_starts(url, STR("https://"));
	struct str scheme = tls ? STR("https://") : STR("http://");
	struct str path, port, host;

	if (!url_starts(url, scheme))
		return "write it as https://HOST";
	host = host_cut(url_authority(url, scheme, &path), &port);
	if (path.n > 0 && !str_equal(path, STR("/")))
		return "leave out what follows the host: pages stand at its "
		       "top";
	if (!host_is_sound(host) || !port_is_sound(port))
		return "write it as https://HOST or https://HOST:PORT";
	if (!tls && !host_is_loopback(host))
		return "use https: browsers keep our cookies from plain http, "
		       "except on this machine (http://127.0.0.1:8080)";
	if (str_equal(port, tls ? STR("443") : STR("80")))
		port = STR_ABSENT;
	*value = str_printf(a, "%.*s%.*s%s%.*s", STR_ARG(scheme), STR_ARG(host),
			    port.p ? ":" : "", STR_ARG(port));
	return NULL;
}

static const char *check_smtp(struct arena *a, struct str *value)
{
	(void)a;
	if (url_starts(*value, STR("smtp://")) ||
	    url_starts(*value, STR("smtps://")))
		return NULL;
	return "write it as smtp://HOST:PORT or smtps://USER:PASSWORD@HOST";
}

static const char *check_connections(struct arena *a, struct str *value)
{
	int64_t n;

	(void)a;
	return str_read_int(*value, &n) && n >= 1 && n <= 64
		       ? NULL
		       : "write a number from 1 to 64";
}

static const char *check_http(struct arena *a, struct str *value)
{
	(void)a;
	if (url_starts(*value, STR("https://")) ||
	    url_starts(*value, STR("http://")))
		return NULL;
	return "write it as https://HOST/PATH";
}

/* What goes there lets whoever reads it write to people's devices. */
static const char *check_push(struct arena *a, struct str *value)
{
	struct str scheme = STR("http://");
	struct str rest, port;
	struct str authority = url_authority(*value, scheme, &rest);

	(void)a;
	if (url_starts(*value, STR("https://")) ||
	    (url_starts(*value, scheme) &&
	     host_is_loopback(host_cut(authority, &port))))
		return NULL;
	return "write it as https://HOST/PATH: http:// is for this machine";
}

static const char *check_live(struct arena *a, struct str *value)
{
	if (url_starts(*value, STR("unix:")))
		return NULL;
	return check_http(a, value) ? "write it as unix:SOCKET or "
				      "http://HOST/PATH"
				    : NULL;
}

static const char *check_address(struct arena *a, struct str *value)
{
	(void)a;
	return address_is_valid(*value)
		       ? NULL
		       : "write only an address, as rollcall@example.org, "
			 "without a name or brackets";
}

/* What tells the message comes between its local part and the @. */
static const char *check_bounce(struct arena *a, struct str *value)
{
	const char *wrong = check_address(a, value);

	if (wrong)
		return wrong;
	if (str_find(*value, '@') > BOUNCE_LOCAL_MAX ||
	    str_find(*value, '+') >= 0 ||
	    value->n > ADDRESS_MAX - BOUNCE_TAIL_MAX)
		return "write an address with at most 22 letters and no + "
		       "before the @, as bounce@example.org";
	return NULL;
}

static const char *check_path(struct arena *a, struct str *value)
{
	(void)a;
	(void)value;
	return NULL;
}

/* --- reading ---------------------------------------------------------------
 */

/* Where a value came from, for messages. */
struct config_place {
	struct str file; /* absent: the environment */
	int line;
};

static void config_say(struct arena *a, struct str *why,
		       const struct config_place *place, const char *name,
		       const char *what)
{
	const char *between = *name ? ": " : "";

	if (str_is_absent(place->file))
		*why = str_printf(a, "%s%s%s.", name, between, what);
	else
		*why = str_printf(a, "%.*s line %d: %s%s%s.",
				  STR_ARG(place->file), place->line, name,
				  between, what);
}

static bool config_set(struct arena *a, struct config *config,
		       const struct config_setting *s, struct str value,
		       const struct config_place *place, struct str *why)
{
	const char *wrong;

	if (str_has_control(value, false) || !str_is_utf8(value))
		wrong = "take out the control characters";
	else
		wrong = s->check(a, &value);
	if (wrong) {
		config_say(a, why, place, s->name, wrong);
		return false;
	}
	*config_field(config, s) = str_copy(a, value);
	return true;
}

static const struct config_setting *config_find(struct str name)
{
	for (size_t i = 0; i < SETTINGS; i++)
		if (str_equal(str_of(settings[i].name), name))
			return &settings[i];
	return NULL;
}

static bool config_line(struct arena *a, struct config *config, struct str line,
			const struct config_place *place, struct str *why)
{
	struct str value;
	struct str name = str_trim(str_cut(line, '=', &value));
	const struct config_setting *s = config_find(name);

	if (name.n == 0 && str_is_absent(value))
		return true;
	if (str_starts(name, STR("#")))
		return true;
	if (str_is_absent(value)) {
		config_say(a, why, place, "", "write NAME=value");
		return false;
	}
	if (!s) {
		config_say(a, why, place, "", "no setting has this name");
		return false;
	}
	if (!str_is_absent(*config_field(config, s))) {
		config_say(a, why, place, s->name, "it is set twice");
		return false;
	}
	value = str_trim(value);
	/* set to nothing is not set, as in the environment */
	return value.n == 0 || config_set(a, config, s, value, place, why);
}

static bool config_load(struct arena *a, const char *path, struct str *text,
			struct str *why)
{
	char *room = arena_get_text(a, CONFIG_FILE_MAX);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, room, CONFIG_FILE_MAX);

	if (fd >= 0)
		(void)close(fd);
	if (n >= 0 && n < CONFIG_FILE_MAX) {
		*text = str_at(room, n);
		return true;
	}
	*why = str_printf(a,
			  "%s cannot be read, or is over 64 KiB: let "
			  "ROLLCALL_CONFIG name the settings file.",
			  path);
	return false;
}

static bool config_read_file(struct arena *a, const char *path,
			     struct config *config, struct str *why)
{
	struct config_place place = {.file = str_of(path)};
	struct str text;

	if (!config_load(a, path, &text, why))
		return false;
	while (!str_is_absent(text)) {
		struct str line = str_cut(text, '\n', &text);

		place.line++;
		if (str_ends(line, STR("\r")))
			line.n--;
		if (!config_line(a, config, line, &place, why))
			return false;
	}
	return true;
}

static bool config_read_environment(struct arena *a, struct config *config,
				    struct str *why)
{
	const struct config_place place = {.file = STR_ABSENT};

	for (size_t i = 0; i < SETTINGS; i++) {
		struct str value = str_of(getenv(settings[i].name));

		if (value.n > 0 &&
		    !config_set(a, config, &settings[i], value, &place, why))
			return false;
	}
	return true;
}

bool config_read(struct arena *a, struct config *config, struct str *why)
{
	const char *path = getenv("ROLLCALL_CONFIG");

	*config = (struct config){.base_url = STR_ABSENT};
	if (path && *path && !config_read_file(a, path, config, why))
		return false;
	if (!config_read_environment(a, config, why))
		return false;
	for (size_t i = 0; i < SETTINGS; i++) {
		if (!settings[i].needed ||
		    !str_is_absent(*config_field(config, &settings[i])))
			continue;
		*why = str_printf(a,
				  "%s is not set: set it in the environment "
				  "or in the file that ROLLCALL_CONFIG names.",
				  settings[i].name);
		return false;
	}
	if (str_is_absent(config->templates_dir))
		config->templates_dir = STR("templates");
	return true;
}
