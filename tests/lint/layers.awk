# Which folder may include which, and which file alone may use a library (or
# which files, by what their names begin with).
# base < data < view < {web, send} < {pages, jobs} < mains; folders in braces
# do not see each other.  What stands in gen is a main of the build.

BEGIN {
	level["base"] = 0
	level["data"] = level["query"] = 1
	level["view"] = 2
	level["web"] = level["send"] = 3
	level["pages"] = level["jobs"] = 4

	# Who runs queries asks for how a run ends.
	knows["cgi/data/db.c"] = "query/commit.h"

	only["libpq-fe.h"] = "cgi/data/wire.c"
	only["sodium.h"] = "cgi/base/secret.c"
	only["jansson.h"] = "cgi/base/json.c"
	only["libical/ical.h"] = only["ical.h"] = "cgi/base/calendar.c"
	only["fcgiapp.h"] = only["fcgi_stdio.h"] = "cgi/web/fcgi.c"
	only["qrencode.h"] = "cgi/base/qr.c"
	only["curl/curl.h"] = "cgi/send/transfer"
}

function breach(why)
{
	print FILENAME ":" FNR ": " $0 "   <- " why
}

/^[ \t]*#[ \t]*include[ \t]*</ {
	name = $0
	sub(/^[^<]*</, "", name)
	sub(/>.*/, "", name)
	if (name in only && index(FILENAME, only[name]) != 1)
		breach("only " only[name] " uses this library")
}

/^[ \t]*#[ \t]*include[ \t]*"/ {
	name = $0
	sub(/^[^"]*"/, "", name)
	sub(/".*/, "", name)
	n = split(FILENAME, path, "/")
	split(name, included, "/")
	mine = n > 2 && path[2] != "gen" ? path[2] : "main"
	theirs = included[1]
	if (!(theirs in level))
		breach("an include names its folder")
	else if (mine != "main" && mine != theirs && knows[FILENAME] != name &&
	         level[theirs] >= level[mine])
		breach(mine " may not know " theirs)
}
