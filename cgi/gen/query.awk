# Turns named queries (sql/query/NOUN.sql) into typed C calls; see README.md.
# Needs mawk and no database; must not know what any query is for.
#
#   mawk -v noun=event -v out=h -f cgi/gen/query.awk sql/query/event.sql
#
# out is h (header), c (source), list (name, roles, parameter types and
# columns, one query a line) or prepare (SQL that a test runs as each role).

BEGIN {
	split("bigint int boolean text date timestamptz json jsonb bytea", t, " ")
	for (i in t)
		known_type[t[i]] = 1
	split("auto break case char const continue default do double else " \
	      "enum extern float for goto if inline int long register " \
	      "restrict return short signed sizeof static struct switch " \
	      "typedef union unsigned void volatile while bool true false " \
	      "db a params rows row", t, " ")
	for (i in t)
		taken[t[i]] = 1
	if (out != "h" && out != "c" && out != "list" && out != "prepare")
		fail("say what to print: -v out=h, c, list or prepare")
	if ((out == "h" || out == "c") && noun !~ /^[a-z][a-z0-9_]*$/)
		fail("say whose queries these are: -v noun=NOUN")
}

# --- reading -------------------------------------------------------------

FNR == 1 && NR > 1 { end_query() }

/^-- name:/ {
	begin_query()
	next
}

count == 0 {
	if ($0 !~ /^[ \t]*(--.*)?$/)
		fail("SQL before the first '-- name:' line")
	next
}

# A long head goes on in comments indented by two spaces or more.
in_head && /^--(  |\t)/ {
	head[count] = head[count] substr($0, 3)
	next
}

in_head {
	in_head = 0
	parse_head()
}

/^-- role:/ {
	roles[count] = roles[count] " " substr($0, 9)
	next
}

/^-- commit:/ {
	early[count] = trim(substr($0, 11))
	if (early[count] != "early")
		fail("'" early[count] "' is not 'early'")
	next
}

/^--/ && sql[count] == "" && quote == "" {
	sub(/^--[ ]?/, "")
	doc[count] = doc[count] (doc[count] == "" ? "" : "\n") $0
	next
}

{ read_sql($0) }

END {
	end_query()
	if (!failed && count == 0)
		fail("no query in it")
	if (failed)
		exit 1
	if (out == "h")
		print_header()
	else if (out == "c")
		print_source()
	else
		for (q = 1; q <= count; q++)
			(out == "list") ? print_list(q) : print_prepare(q)
}

function fail(what) {
	fail_at(FILENAME ? FILENAME ":" FNR : "query.awk", what)
}

function fail_at(where, what) {
	print where ": " what >"/dev/stderr"
	failed = 1
}

function begin_query() {
	end_query()
	count++
	place[count] = FILENAME ":" FNR
	head[count] = substr($0, 9)
	sql[count] = doc[count] = roles[count] = early[count] = ""
	in_head = 1
	quote = ""
	depth = ended = 0
}

function trim(s) {
	sub(/^[ \t]+/, "", s)
	sub(/[ \t]+$/, "", s)
	return s
}

# NAME(param type, ...) :kind -> column type, ...
function parse_head(  h, at, left) {
	h = trim(head[count])
	at = index(h, "(")
	name[count] = at ? trim(substr(h, 1, at - 1)) : h
	if (name[count] !~ /^[a-z][a-z0-9_]*$/) {
		fail_at(place[count], "'" name[count] "' is not a name: " \
			"write '-- name: noun_verb(id bigint) :one'")
		return
	}
	if (name[count] in line_of)
		fail_at(place[count], "'" name[count] "' is already at " \
			line_of[name[count]])
	line_of[name[count]] = place[count]
	left = index(h, ")")
	if (!at || left < at) {
		fail_at(place[count], "no parameter list: write '" \
			name[count] "()' for none")
		return
	}
	params[count] = parse_list("p", substr(h, at + 1, left - at - 1))
	parse_result(trim(substr(h, left + 1)))
}

function parse_result(h,  at) {
	at = index(h, "->")
	kind[count] = trim(at ? substr(h, 1, at - 1) : h)
	if (kind[count] !~ /^:(one|many|exec)$/)
		fail_at(place[count], "'" kind[count] "' is not :one, :many " \
			"or :exec")
	if (at && kind[count] == ":exec")
		fail_at(place[count], ":exec has no columns")
	columns[count] = at ? parse_list("c", substr(h, at + 2)) : 0
}

# "name type?, ..." into item_name, item_type and item_null[of, query, i].
function parse_list(of, text,  n, i, part, word, type) {
	if (trim(text) == "")
		return 0
	n = split(text, part, ",")
	for (i = 1; i <= n; i++) {
		if (split(trim(part[i]), word, "[ \t]+") != 2) {
			fail_at(place[count], "'" trim(part[i]) \
				"' is not 'name type'")
			used[count, i] = 1
			continue
		}
		type = word[2]
		item_null[of, count, i] = sub(/\?$/, "", type)
		item_name[of, count, i] = word[1]
		item_type[of, count, i] = type
		check_item(of, word[1], type)
		item_at[of, count, word[1]] = i
	}
	return n
}

function check_item(of, word, type) {
	if (!(type in known_type))
		fail_at(place[count], "unknown type '" type "' of '" word "'")
	if (word !~ /^[a-z_][a-z0-9_]*$/)
		fail_at(place[count], "'" word "' is not a name")
	if (of == "p" && word in taken)
		fail_at(place[count], "'" word "' cannot name a parameter in C")
	if ((of, count, word) in item_at)
		fail_at(place[count], "'" word "' stands twice")
}

function end_query(  i) {
	if (count == 0)
		return
	if (in_head) {
		in_head = 0
		parse_head()
	}
	if (quote != "")
		fail_at(place[count], "a string or comment does not end")
	roles[count] = trim(roles[count])
	gsub(/[ \t,]+/, " ", roles[count])
	if (roles[count] == "")
		fail_at(place[count], "no '-- role:' line")
	else if (roles[count] !~ /^[a-z]+( [a-z]+)*$/)
		fail_at(place[count], "'" roles[count] "' is not a list of roles")
	sub(/[ \t\n]+$/, "", sql[count])
	if (sql[count] == "")
		fail_at(place[count], "no SQL")
	for (i = 1; i <= params[count]; i++)
		if (!((count, i) in used))
			fail_at(place[count], "parameter '" \
				item_name["p", count, i] "' is never used")
}

# Takes one line of SQL: comments out, parameters numbered, strings as they
# are.  quote is what an open string, name or comment ends with, across lines.
function read_sql(line,  c, n) {
	while (line != "") {
		if (quote != "") {
			line = read_quoted(line)
			continue
		}
		if (line ~ /^--/)
			break
		n = read_mark(line)
		if (n == 0) {
			c = substr(line, 1, 1)
			add_sql(c)
			n = 1
		}
		line = substr(line, n + 1)
	}
	sub(/[ \t]+$/, "", sql[count])
	if (sql[count] != "" && quote != "*/")
		sql[count] = sql[count] (quote == "" ? "\n" : "\001")
}

function add_sql(text) {
	if (ended && text !~ /^[ \t]*$/) {
		fail("one query holds one statement")
		ended = 0
	}
	if (sql[count] != "" || text !~ /^[ \t]*$/)
		sql[count] = sql[count] text
}

# What begins a string, a comment, a cast or a parameter: its length, or 0.
function read_mark(line,  c) {
	if (match(line, /^[eE]'/) && sql[count] !~ /[A-Za-z0-9_]$/) {
		quote = "\\"
		add_sql(substr(line, 1, 2))
		return 2
	}
	c = substr(line, 1, 1)
	if (c == "'" || c == "\"") {
		quote = c
		add_sql(c)
		return 1
	}
	if (substr(line, 1, 2) == "/*") {
		quote = "*/"
		depth = 1
		return 2
	}
	if (match(line, /^\$([A-Za-z_][A-Za-z0-9_]*)?\$/) &&
	    sql[count] !~ /[A-Za-z0-9_$]$/) {
		quote = substr(line, 1, RLENGTH)
		add_sql(quote)
		return length(quote)
	}
	if (match(line, /^\$[0-9]/))
		fail("write ':name', not a numbered parameter")
	if (c == ";") {
		ended = 1
		return 1
	}
	if (match(line, /^::/) || match(line, /^:=/)) {
		add_sql(substr(line, 1, 2))
		return 2
	}
	if (match(line, /^:[A-Za-z_][A-Za-z0-9_]*/))
		return read_parameter(substr(line, 2, RLENGTH - 1))
	return 0
}

function read_parameter(word,  i, type) {
	if (!(("p", count, word) in item_at)) {
		fail("':" word "' is no parameter of " name[count])
		return length(word) + 1
	}
	i = item_at["p", count, word]
	used[count, i] = 1
	# the cast fixes the type also where the server could not infer it
	add_sql("$" i "::" item_type["p", count, i])
	return length(word) + 1
}

# Inside a string, name or comment: takes what belongs to it off line.
function read_quoted(line,  at) {
	if (quote == "*/")
		return read_comment(line)
	if (quote == "\\") {
		if (match(line, /^\\./) || match(line, /^''/)) {
			add_sql(substr(line, 1, 2))
			return substr(line, 3)
		}
		add_sql(substr(line, 1, 1))
		if (line ~ /^'/)
			quote = ""
		return substr(line, 2)
	}
	at = index(line, quote)
	if (!at) {
		add_sql(line)
		return ""
	}
	add_sql(substr(line, 1, at + length(quote) - 1))
	line = substr(line, at + length(quote))
	# a doubled quote opens the string again, which comes to the same
	quote = ""
	return line
}

# Comments nest in SQL; they are dropped.
function read_comment(line,  open, close_at) {
	open = index(line, "/*")
	close_at = index(line, "*/")
	if (open && (!close_at || open < close_at)) {
		depth++
		return substr(line, open + 2)
	}
	if (!close_at)
		return ""
	if (--depth == 0)
		quote = ""
	return substr(line, close_at + 2)
}

# --- printing ------------------------------------------------------------

function is_int(type) {
	return type == "bigint" || type == "int"
}

function c_type(type, null) {
	if (is_int(type))
		return null ? "const int64_t *" : "int64_t "
	if (type == "boolean")
		return null ? "const bool *" : "bool "
	return "struct str "
}

function declare_call(q,  i, s) {
	s = "struct rows *query_" name[q] "(struct db *db, struct arena *a"
	for (i = 1; i <= params[q]; i++)
		s = s ",\n\t" c_type(item_type["p", q, i], \
				     item_null["p", q, i]) item_name["p", q, i]
	return s ")"
}

function declare_getter(q, i,  type, s) {
	type = item_type["c", q, i]
	s = c_type(type, 0) "query_" name[q] "_" item_name["c", q, i] "("
	if (type == "bytea")
		s = s "struct arena *a, "
	return s "const struct rows *rows,\n\tptrdiff_t row)"
}

function declare_null(q, i) {
	return "bool query_" name[q] "_" item_name["c", q, i] \
		"_is_null(const struct rows *rows,\n\tptrdiff_t row)"
}

function print_doc(q,  n, i, part, said) {
	said = kind[q] == ":one" ? "At most one row." : \
		kind[q] == ":many" ? "Any number of rows." : \
		"No rows to read."
	print "/*"
	n = doc[q] == "" ? 0 : split(doc[q], part, "\n")
	for (i = 1; i <= n; i++) {
		gsub(/\*\//, "* /", part[i])
		print trim(" * " part[i]) == "*" ? " *" : " * " part[i]
	}
	print " * " said "  For role " roles[q] "."
	print " */"
}

function print_header(  guard, q, i) {
	guard = "QUERY_" toupper(noun) "_H"
	print "/* Made from sql/query/" noun ".sql by cgi/gen/query.awk. */"
	print "#ifndef " guard
	print "#define " guard
	print "\n#include \"data/db.h\""
	for (q = 1; q <= count; q++) {
		print ""
		print_doc(q)
		print declare_call(q) ";"
		for (i = 1; i <= columns[q]; i++) {
			print declare_getter(q, i) ";"
			if (item_null["c", q, i])
				print declare_null(q, i) ";"
		}
	}
	print "\n#endif"
}

function print_source(  q, i) {
	print "/* Made from sql/query/" noun ".sql by cgi/gen/query.awk. */"
	print "#include \"query/" noun ".h\""
	print "\n#pragma GCC diagnostic ignored \"-Woverlength-strings\""
	for (q = 1; q <= count; q++) {
		print ""
		print_statement(q)
		print_call(q)
		for (i = 1; i <= columns[q]; i++)
			print_getter(q, i)
	}
}

function print_statement(q,  n, i, part, text) {
	text = sql[q]
	gsub(/\\/, "\\\\\\\\", text)
	gsub(/"/, "\\\"", text)
	gsub(/\?/, "\\?", text)
	gsub(/\t/, "\\t", text)
	gsub(/\001/, "\n", text)
	n = split(text, part, "\n")
	print "static const struct db_statement statement_" name[q] " = {"
	print "\t.name = \"" name[q] "\","
	print "\t.sql ="
	for (i = 1; i <= n; i++)
		print "\t\t\"" part[i] (i < n ? "\\n\"" : "\",")
	print "\t.params = " params[q] + 0 ","
	if (early[q] != "")
		print "\t.is_early = true,"
	print "};\n"
}

function param_value(q, i,  type, null, arg) {
	type = item_type["p", q, i]
	null = item_null["p", q, i]
	arg = item_name["p", q, i]
	if (is_int(type))
		return "db_param_int" (null ? "_or_null" : "") "(a, " arg ")"
	if (type == "boolean")
		return "db_param_bool" (null ? "_or_null" : "") "(" arg ")"
	return "db_param_" (type == "bytea" ? "bytes" : "text") \
		(null ? "_or_null" : "") "(" arg ")"
}

function print_call(q,  i) {
	print declare_call(q)
	print "{"
	if (params[q] > 0) {
		print "\tconst struct db_param params[] = {"
		for (i = 1; i <= params[q]; i++)
			print "\t\t" param_value(q, i) ","
		print "\t};\n"
	}
	print "\t(void)a;"
	print "\treturn db_queue(db, &statement_" name[q] ", " \
		(params[q] > 0 ? "params" : "NULL") ");"
	print "}"
}

function print_getter(q, i,  type, column, call) {
	type = item_type["c", q, i]
	column = "rows_column(rows, STR(\"" item_name["c", q, i] "\"))"
	call = is_int(type) ? "rows_int(" : type == "boolean" ? "rows_bool(" : \
		type == "bytea" ? "rows_bytes(a, " : "rows_get("
	print "\n" declare_getter(q, i)
	print "{"
	print "\treturn " call "rows, row,\n\t\t" column ");"
	print "}"
	if (!item_null["c", q, i])
		return
	print "\n" declare_null(q, i)
	print "{"
	print "\treturn str_is_absent(rows_get(rows, row,\n\t\t" column "));"
	print "}"
}

function types_of(of, q, n,  i, s) {
	for (i = 1; i <= n; i++)
		s = s (i > 1 ? "," : "") (of == "c" ? \
			item_name["c", q, i] " " : "") item_type[of, q, i]
	return s == "" ? "-" : s
}

function print_list(q) {
	print name[q] "\t" roles[q] "\t" types_of("p", q, params[q]) "\t" \
		types_of("c", q, columns[q])
}

function print_prepare(q,  i, text, nulls) {
	for (i = 1; i <= params[q]; i++)
		nulls = nulls (i > 1 ? ", " : "") "null"
	text = sql[q]
	gsub(/\n[ \t]*/, " ", text)
	gsub(/\001/, "\n", text)
	print "-- role " roles[q]
	print "-- execute " name[q] (nulls == "" ? "" : "(" nulls ")")
	print "prepare " name[q] \
		(params[q] > 0 ? " (" types_of("p", q, params[q]) ")" : "") \
		" as " text ";"
}
