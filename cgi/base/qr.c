/*
 * QR codes by libqrencode.  Must not know what they are for.
 */
#include "base/qr.h"

#include <qrencode.h>

/* A seventh of it may be dirt or glare: what a telephone's screen meets. */
#define LEVEL QR_ECLEVEL_M

bool qr_make(struct arena *a, struct str text, struct qr *qr)
{
	if (text.n == 0 || str_find(text, '\0') >= 0)
		return false;
	QRcode *code = QRcode_encodeString8bit(str_z(a, text), 0, LEVEL);
	if (!code)
		return false;

	int modules = code->width * code->width;
	bool *dark = ARENA_ARRAY(a, modules, bool);
	for (int i = 0; i < modules; i++)
		dark[i] = code->data[i] & 1;
	qr->size = code->width;
	qr->dark = dark;
	QRcode_free(code);
	return true;
}
