/*
 * What the history page is measured against: a FastCGI program that answers
 * each request with the same bytes, by libfcgi, and does nothing else.
 *
 *   spawn-fcgi ... -- bench_constant ANSWER   (headers, empty line, body)
 */
#include <fcgiapp.h>
#include <signal.h>
#include <stdio.h>

#define ANSWER_MAX 131072

int main(int argc, char **argv)
{
	static char answer[ANSWER_MAX];
	FCGX_Request request;
	FILE *f = argc == 2 ? fopen(argv[1], "rb") : NULL;
	size_t n;

	if (!f)
		return 2;
	n = fread(answer, 1, sizeof(answer), f);
	(void)fclose(f);
	(void)FCGX_Init();
	(void)FCGX_InitRequest(&request, 0, 0);
	while (FCGX_Accept_r(&request) == 0) {
		(void)FCGX_PutStr(answer, (int)n, request.out);
		FCGX_Finish_r(&request);
	}
	return 0;
}
