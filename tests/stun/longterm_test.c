/* The long-term credential mechanism, the client's side (RFC 8489 §9.2). */
#include "stun/longterm.h"

#include "tests/rill_test.h"
#include "tests/stun/vectors.h"

/* 24 feature bits behind the nonce cookie: none, password algorithms, both. */
#define NONCE_PLAIN "obMatJos2AAAAnonce"
#define NONCE_ALGORITHMS "obMatJos2gAAAnonce"
#define NONCE_BOTH "obMatJos2wAAAnonce"

static const uint8_t txid[RILL_STUN_TXID] = {1, 2, 3};
static uint8_t buffer[2048], answer_buffer[2048];

static struct rill_stun_longterm user(void)
{
    return (struct rill_stun_longterm){.username = rill_view_of("user"),
                                       .password = rill_view_of("pass")};
}

/* An error response; NULL or "" leaves an attribute out, algorithms is hex. */
static struct rill_stun_msg challenge(unsigned code, const char *realm, const char *nonce,
                                      const char *algorithms)
{
    struct rill_stun_writer s;
    struct rill_stun_msg m;
    uint8_t list[128];
    rill_stun_begin(&s, (struct rill_span){buffer, sizeof buffer}, RILL_STUN_ERROR,
                    RILL_STUN_ALLOCATE, txid);
    rill_stun_put_error(&s, code, "");
    if (realm)
        rill_stun_put(&s, RILL_STUN_REALM, rill_view_of(realm));
    if (nonce)
        rill_stun_put(&s, RILL_STUN_NONCE, rill_view_of(nonce));
    if (algorithms)
        rill_stun_put(&s, RILL_STUN_PASSWORD_ALGORITHMS,
                      rill_test_hex(algorithms, list, sizeof list));
    size_t n = rill_stun_end(&s);
    assert_int_equal(rill_stun_decode(rill_view_at(buffer, n), &m, NULL), 0);
    return m;
}

static struct rill_stun_msg request(const struct rill_stun_longterm *l)
{
    static uint8_t out[2048];
    struct rill_stun_writer s;
    struct rill_stun_msg m;
    rill_stun_begin(&s, (struct rill_span){out, sizeof out}, RILL_STUN_REQUEST, RILL_STUN_ALLOCATE,
                    txid);
    rill_stun_longterm_put(l, &s);
    rill_stun_longterm_seal(l, &s);
    size_t n = rill_stun_end(&s);
    assert_int_equal(rill_stun_decode(rill_view_at(out, n), &m, NULL), 0);
    return m;
}

static bool has(const struct rill_stun_msg *m, uint16_t type)
{
    struct rill_view v;
    return rill_stun_find(m, type, &v);
}

static int take(struct rill_stun_longterm *l, unsigned code, const char *realm, const char *nonce,
                const char *algorithms)
{
    struct rill_stun_msg m = challenge(code, realm, nonce, algorithms);
    struct rill_err why = {0};
    int rc = rill_stun_longterm_challenge(l, &m, &why);
    assert_true((rc < 0) == (why.row != NULL));
    return rc;
}

static void stun_key_of_the_rfc_example_is_the_rfc_s(void **state)
{
    (void)state;
    uint8_t key[RILL_DIGEST_MAX], want[16], quoted[RILL_DIGEST_MAX];
    struct rill_view u = rill_view_of("user"), p = rill_view_of("pass");
    size_t n = rill_stun_long_term_key(RILL_STUN_ALGORITHM_MD5, u, rill_view_of("realm"), p, key);
    assert_int_equal(n, 16);
    rill_test_hex("8493fbc53ba582fb4c044c456bdc40eb", want, sizeof want);
    assert_memory_equal(key, want, 16);
    rill_stun_long_term_key(RILL_STUN_ALGORITHM_MD5, u, rill_view_of("\"realm\""),
                            rill_view_at("pass\0", 6), quoted);
    assert_memory_equal(quoted, key, 16);
}

static void stun_appendix_b_key_seals_its_request_and_hashes_its_user(void **state)
{
    (void)state;
    uint8_t bytes[256], key[RILL_DIGEST_MAX], hash[RILL_SHA256_SIZE];
    struct rill_stun_msg m;
    struct rill_view found, nonce, realm = rill_view_of("example.org");
    uint32_t features;
    assert_int_equal(rill_stun_decode(rill_test_hex(SAMPLE_SHA256, bytes, sizeof bytes), &m, NULL),
                     0);
    size_t n = rill_stun_long_term_key(RILL_STUN_ALGORITHM_SHA256, rill_view_of(SAMPLE_USER), realm,
                                       rill_view_of("TheMatrIX"), key);
    assert_int_equal(n, 32);
    assert_true(rill_stun_check_integrity256(&m, rill_view_at(key, n)));
    rill_stun_userhash(rill_view_of(SAMPLE_USER), realm, hash);
    assert_true(rill_stun_find(&m, RILL_STUN_USERHASH, &found));
    assert_true(rill_view_equal(found, rill_view_at(hash, sizeof hash)));
    assert_true(rill_stun_find(&m, RILL_STUN_NONCE, &nonce));
    assert_true(rill_stun_nonce_features(nonce, &features));
    assert_true(features & RILL_STUN_FEATURE_USERNAME_ANONYMITY);
    assert_false(features & RILL_STUN_FEATURE_PASSWORD_ALGORITHMS);
}

static void stun_nonce_cookie_tells_its_24_bits(void **state)
{
    (void)state;
    uint32_t f = 7;
    assert_true(rill_stun_nonce_features(rill_view_of(NONCE_BOTH), &f));
    assert_int_equal(f, 0xc00000);
    assert_true(rill_stun_nonce_features(rill_view_of("obMatJos2AAAB"), &f));
    assert_int_equal(f, 1);
    assert_false(rill_stun_nonce_features(rill_view_of("obMatJos2AAA"), &f));
    assert_false(rill_stun_nonce_features(rill_view_of("obMatJos2AA=A"), &f));
    assert_false(rill_stun_nonce_features(rill_view_of("f//499k954d6OL34oL9"), &f));
    assert_int_equal(f, 1);
}

static void stun_first_request_carries_no_credentials(void **state)
{
    (void)state;
    struct rill_stun_longterm l = user();
    assert_int_equal(request(&l).raw.n, RILL_STUN_HEADER);
}

static void stun_plain_challenge_is_answered_with_md5_and_sha1(void **state)
{
    (void)state;
    struct rill_stun_longterm l = user();
    assert_int_equal(take(&l, 401, "realm", "any nonce", NULL), 0);
    struct rill_stun_msg m = request(&l);
    uint8_t key[RILL_DIGEST_MAX];
    size_t n = rill_stun_long_term_key(RILL_STUN_ALGORITHM_MD5, l.username, rill_view_of("realm"),
                                       l.password, key);
    assert_true(rill_stun_check_integrity(&m, rill_view_at(key, n)));
    assert_true(has(&m, RILL_STUN_USERNAME) && !has(&m, RILL_STUN_USERHASH));
    assert_false(has(&m, RILL_STUN_PASSWORD_ALGORITHMS) || has(&m, RILL_STUN_PASSWORD_ALGORITHM));
    assert_false(m.integrity256_at);
}

static void stun_first_algorithm_known_of_the_list_is_taken(void **state)
{
    (void)state;
    /* an unknown one with a parameter of 3 bytes, SHA-256, MD5 */
    static const char list[] = "7777 0003 010203 00 0002 0000 0001 0000";
    struct rill_stun_longterm l = user();
    struct rill_view v;
    uint8_t key[RILL_DIGEST_MAX], bytes[32];
    assert_int_equal(take(&l, 401, "realm", NONCE_BOTH, list), 0);
    struct rill_stun_msg m = request(&l);
    size_t n = rill_stun_long_term_key(RILL_STUN_ALGORITHM_SHA256, l.username,
                                       rill_view_of("realm"), l.password, key);
    assert_true(rill_stun_check_integrity256(&m, rill_view_at(key, n)));
    assert_int_equal(m.integrity_at, 0);
    assert_true(has(&m, RILL_STUN_USERHASH) && !has(&m, RILL_STUN_USERNAME));
    assert_true(rill_stun_find(&m, RILL_STUN_PASSWORD_ALGORITHMS, &v));
    assert_true(rill_view_equal(v, rill_test_hex(list, bytes, sizeof bytes)));
    assert_true(rill_stun_find(&m, RILL_STUN_PASSWORD_ALGORITHM, &v));
    assert_true(rill_view_equal(v, rill_test_hex("0002 0000", bytes, sizeof bytes)));
}

static void stun_nonce_that_promises_algorithms_without_any_is_a_bid_down(void **state)
{
    (void)state;
    struct rill_stun_longterm l = user();
    assert_row(take(&l, 401, "realm", NONCE_ALGORITHMS, NULL), STUN_BID_DOWN);
    assert_int_equal(take(&l, 401, "realm", NONCE_ALGORITHMS, "0001 0000"), 0);
    assert_row(take(&l, 438, "realm", NONCE_ALGORITHMS, NULL), STUN_BID_DOWN);
    struct rill_stun_msg m = challenge(500, NULL, NONCE_ALGORITHMS, NULL);
    assert_row(rill_stun_longterm_check(&l, &m, NULL), STUN_BID_DOWN);
}

static void stun_challenges_that_cannot_be_answered_are_refused(void **state)
{
    (void)state;
    static char long_text[RILL_STUN_TEXT_MAX + 2];
    struct rill_stun_longterm l = user();
    assert_row(take(&l, 401, NULL, NONCE_PLAIN, NULL), STUN_NO_CHALLENGE);
    assert_row(take(&l, 401, "realm", NULL, NULL), STUN_NO_CHALLENGE);
    assert_row(take(&l, 401, "realm", NONCE_PLAIN, "0003 0000 0001 0004 00000000"),
               STUN_NO_ALGORITHM);
    assert_row(take(&l, 401, "realm", NONCE_PLAIN, "0003 ffff 0001 0000"), STUN_NO_ALGORITHM);
    memset(long_text, 'n', RILL_STUN_TEXT_MAX + 1);
    assert_row(take(&l, 401, "realm", long_text, NULL), STUN_CHALLENGE_TOO_LONG);
    assert_int_equal(l.n_key, 0);
    long_text[RILL_STUN_TEXT_MAX] = 0;
    assert_int_equal(take(&l, 401, long_text, long_text, NULL), 0);
}

static void stun_second_401_without_a_change_ends_it(void **state)
{
    (void)state;
    struct rill_stun_longterm l = user();
    assert_int_equal(take(&l, 401, "realm", "one", NULL), 0);
    assert_row(take(&l, 401, "realm", "two", NULL), STUN_CREDENTIALS_REFUSED);
    assert_int_equal(take(&l, 401, "other realm", "two", NULL), 0);
}

static void stun_stale_nonce_is_replaced_and_the_realm_kept(void **state)
{
    (void)state;
    struct rill_stun_longterm l = user();
    struct rill_view v;
    assert_int_equal(take(&l, 401, "realm", "one", NULL), 0);
    assert_int_equal(take(&l, 438, NULL, "two", NULL), 0);
    struct rill_stun_msg m = request(&l);
    assert_true(rill_stun_find(&m, RILL_STUN_NONCE, &v) && rill_view_is(v, "two"));
    assert_true(rill_stun_find(&m, RILL_STUN_REALM, &v) && rill_view_is(v, "realm"));
}

static void stun_response_under_another_key_never_counts(void **state)
{
    (void)state;
    struct rill_stun_longterm l = user(), other = user();
    struct rill_stun_writer s;
    struct rill_stun_msg m;
    assert_int_equal(take(&l, 401, "realm", "one", NULL), 0);
    assert_int_equal(take(&other, 401, "realm", "one", "0002 0000"), 0);
    for (int right = 0; right < 2; right++) {
        rill_stun_begin(&s, (struct rill_span){answer_buffer, sizeof answer_buffer},
                        RILL_STUN_SUCCESS, RILL_STUN_ALLOCATE, txid);
        rill_stun_longterm_seal(right ? &l : &other, &s);
        size_t n = rill_stun_end(&s);
        assert_int_equal(rill_stun_decode(rill_view_at(answer_buffer, n), &m, NULL), 0);
        if (right)
            assert_int_equal(rill_stun_longterm_check(&l, &m, NULL), 0);
        else
            assert_row(rill_stun_longterm_check(&l, &m, NULL), STUN_UNAUTHENTICATED);
    }
}

static void stun_opaque_string_takes_ascii_as_it_is_and_maps_other_spaces(void **state)
{
    (void)state;
    uint8_t out[64];
    struct rill_span room = {out, sizeof out};
    const char *ascii = "Correct Horse ~!\"'\\ battery";
    int n = rill_stun_opaque_string(rill_view_of(ascii), room, NULL);
    assert_true(n > 0 && rill_view_is(rill_view_at(out, (size_t)n), ascii));
    n = rill_stun_opaque_string(rill_view_of("a\xc2\xa0"
                                             "b\xe3\x80\x80"
                                             "\xc3\x9f"),
                                room, NULL);
    assert_true(n > 0 && rill_view_is(rill_view_at(out, (size_t)n), "a b \xc3\x9f"));
    assert_row(rill_stun_opaque_string(rill_view_of(""), room, NULL), STUN_OPAQUE_STRING);
    assert_row(rill_stun_opaque_string(rill_view_of("a\tb"), room, NULL), STUN_OPAQUE_STRING);
    assert_row(rill_stun_opaque_string(rill_view_of("a\x7f"), room, NULL), STUN_OPAQUE_STRING);
    assert_row(rill_stun_opaque_string(rill_view_of("\xc2\x85"), room, NULL), STUN_OPAQUE_STRING);
    assert_row(rill_stun_opaque_string(rill_view_of("\xff"), room, NULL), STUN_OPAQUE_STRING);
}

static void stun_truncated_sha256_seal_holds_only_where_it_is_permitted(void **state)
{
    (void)state;
    struct rill_view key = rill_view_of("key");
    for (size_t n = 12; n <= 36; n += 2) {
        struct rill_stun_writer s;
        struct rill_stun_msg m;
        rill_stun_begin(&s, (struct rill_span){buffer, sizeof buffer}, RILL_STUN_REQUEST,
                        RILL_STUN_BINDING, txid);
        rill_stun_put_integrity256_cut(&s, key, n);
        size_t size = rill_stun_end(&s);
        assert_int_equal(size > 0, n >= 16 && n <= 32 && n % 4 == 0);
        if (size == 0)
            continue;
        assert_int_equal(rill_stun_decode(rill_view_at(buffer, size), &m, NULL), 0);
        assert_true(rill_stun_check_integrity256_cut(&m, key, n));
        assert_int_equal(rill_stun_check_integrity256(&m, key), n == 32);
        assert_int_equal(rill_stun_check_integrity256_cut(&m, key, 24), n >= 24);
        assert_false(rill_stun_check_integrity256_cut(&m, rill_view_of("yek"), n));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stun_key_of_the_rfc_example_is_the_rfc_s),
        cmocka_unit_test(stun_appendix_b_key_seals_its_request_and_hashes_its_user),
        cmocka_unit_test(stun_nonce_cookie_tells_its_24_bits),
        cmocka_unit_test(stun_first_request_carries_no_credentials),
        cmocka_unit_test(stun_plain_challenge_is_answered_with_md5_and_sha1),
        cmocka_unit_test(stun_first_algorithm_known_of_the_list_is_taken),
        cmocka_unit_test(stun_nonce_that_promises_algorithms_without_any_is_a_bid_down),
        cmocka_unit_test(stun_challenges_that_cannot_be_answered_are_refused),
        cmocka_unit_test(stun_second_401_without_a_change_ends_it),
        cmocka_unit_test(stun_stale_nonce_is_replaced_and_the_realm_kept),
        cmocka_unit_test(stun_response_under_another_key_never_counts),
        cmocka_unit_test(stun_opaque_string_takes_ascii_as_it_is_and_maps_other_spaces),
        cmocka_unit_test(stun_truncated_sha256_seal_holds_only_where_it_is_permitted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
