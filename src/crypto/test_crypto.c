/* Known answers and properties of the cryptographic services. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "crypto/crypto.h"

/* EVIDENCE: GB/T 32905-2016 appendix A.1 */
static void sm3_gives_the_standard_answer(void **state)
{
	char hex[SM3_HEX_SIZE];
	struct str parts[] = { STR_INIT("a"), STR_INIT("bc") };

	(void)state;
	sm3_hex(parts, 2, hex);
	assert_string_equal(hex, "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
}

static void a_password_verifies_and_its_neighbour_does_not(void **state)
{
	char hash[PASSWORD_HASH_SIZE];
	struct err err;

	(void)state;
	assert_int_equal(password_hash_fast(STR("獬豸-2026"), hash, &err), ERR_OK);
	assert_true(password_verify(STR("獬豸-2026"), str_of(hash)));
	assert_false(password_verify(STR("獬豸-2025"), str_of(hash)));
	assert_false(password_verify(STR("x"), STR("")));
}

static void random_texts_differ(void **state)
{
	char a[65], b[65];

	(void)state;
	random_hex(32, a);
	random_hex(32, b);
	assert_int_equal(strlen(a), 64);
	assert_string_not_equal(a, b);
	assert_false(secret_equal(str_of(a), str_of(b)));
	assert_true(secret_equal(str_of(a), str_of(a)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sm3_gives_the_standard_answer),
		cmocka_unit_test(a_password_verifies_and_its_neighbour_does_not),
		cmocka_unit_test(random_texts_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
