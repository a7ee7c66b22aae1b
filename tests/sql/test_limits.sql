-- R-F4, R-O1: what an organisation may be called and where it may be reached.
\ir fixture.sql
select plan(10);
select throws_ok(format('update organizations set postal_address = %L', E'Main Street 1' || c || 'Berlin'), '23514', null, 'R-F4 no control character in a postal address: ' || to_hex(ascii(c)))
from unnest(array[E'\r', E'\t', E'\u0001', E'\u001b', E'\u007f', E'\u0085', E'\u2028']) c;
select lives_ok($$update organizations set postal_address = E'Main Street 1\n10115 Berlin\nDeutschland'$$, 'R-F4 but lines, which LF breaks');
select throws_ok($$update organizations set postal_address = repeat('x', 501)$$, '23514', null, 'R-F4 not over 500 characters');
select throws_ok($$update organizations set name = E'Org\nBcc: x'$$, '23514', null, 'R-F4 a name is one line');
select * from finish();
