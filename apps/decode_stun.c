/* decode_stun: `rill decode stun`: every attribute of a STUN message, and whether its seals hold
 * (RFC 8489).
 *
 * The idea: the codec's table says what each value is made of; a value that is not what its type
 * promises is still shown, as the bytes that it is. */
#include "apps/app.h"

#include "base/utf8.h"
#include "stun/longterm.h"

static void put(json_t *o, const char *key, json_t *value)
{
    json_object_set_new(o, key, value);
}

static json_t *name_or_null(const char *name)
{
    return name ? json_string(name) : json_null();
}

static bool put_text(json_t *o, struct rill_view v)
{
    if (!rill_utf8_is_valid(v))
        return false;
    put(o, "text", rill_app_json_text(v));
    return true;
}

static bool put_addr(json_t *o, const struct rill_stun_msg *m, struct rill_view v, bool xored)
{
    struct rill_addr a;
    char text[RILL_ADDR_TEXT_MAX];
    if (!rill_stun_value_addr(v, xored, m->txid, &a))
        return false;
    struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)text, sizeof text});
    rill_addr_write_ip(&w, &a);
    put(o, "address", rill_app_json_text(rill_w_view(&w)));
    put(o, "port", json_integer(a.port));
    return true;
}

static bool put_error(json_t *o, struct rill_view v)
{
    unsigned code;
    struct rill_view reason;
    if (!rill_stun_value_error(v, &code, &reason))
        return false;
    put(o, "code", json_integer(code));
    put(o, "reason", rill_app_json_text(reason));
    return true;
}

/* RFC 8489 §18.5 */
static void put_algorithms(json_t *o, struct rill_view v)
{
    struct rill_reader r = rill_reader_of(v);
    struct rill_stun_algorithm_item item;
    json_t *list = json_array();
    while (rill_stun_next_algorithm(&r, &item)) {
        json_t *a = json_object();
        put(a, "number", json_integer(item.algorithm));
        put(a, "name", name_or_null(rill_stun_algorithm_name(item.algorithm)));
        put(a, "parameters", rill_app_json_hex(item.parameters));
        json_array_append_new(list, a);
    }
    put(o, "algorithms", list);
}

/* RFC 8489 §9.2: what the nonce cookie promises. */
static void put_features(json_t *o, struct rill_view nonce)
{
    uint32_t bits;
    if (!rill_stun_nonce_features(nonce, &bits))
        return;
    json_t *f = json_object();
    put(f, "bits", json_integer(bits));
    put(f, "password_algorithms", json_boolean(bits & RILL_STUN_FEATURE_PASSWORD_ALGORITHMS));
    put(f, "username_anonymity", json_boolean(bits & RILL_STUN_FEATURE_USERNAME_ANONYMITY));
    put(o, "features", f);
}

/* RFC 5780 §7.2: the two flags of CHANGE-REQUEST. */
static void put_change(json_t *o, struct rill_view v)
{
    struct rill_reader r = rill_reader_of(v);
    uint32_t flags = rill_r_u32(&r);
    if (v.n != 4)
        return;
    put(o, "change_ip", json_boolean(flags & RILL_STUN_CHANGE_IP));
    put(o, "change_port", json_boolean(flags & RILL_STUN_CHANGE_PORT));
}

/* What a reader wants to know beside the bytes. */
static void put_meaning(json_t *o, enum rill_stun_kind kind, struct rill_view v)
{
    struct rill_reader r = rill_reader_of(v);
    if ((kind == RILL_STUN_U32 || kind == RILL_STUN_CHANGE) && v.n == 4)
        put(o, "number", json_integer(rill_r_u32(&r)));
    if (kind == RILL_STUN_U16_VALUE && v.n == 4)
        put(o, "number", json_integer(rill_r_u16(&r)));
    if (kind == RILL_STUN_U8_VALUE && v.n == 4)
        put(o, "number", json_integer(rill_r_u8(&r)));
    if (kind == RILL_STUN_ALGORITHMS)
        put_algorithms(o, v);
    if (kind != RILL_STUN_TYPE_LIST || v.n % 2)
        return;
    json_t *types = json_array();
    while (rill_r_left(&r))
        json_array_append_new(types, json_integer(rill_r_u16(&r)));
    put(o, "types", types);
}

static json_t *attr(const struct rill_stun_msg *m, const struct rill_stun_attr *a)
{
    json_t *o = json_object();
    enum rill_stun_kind kind = rill_stun_attr_kind(a->type);
    bool shown = false;
    put(o, "type", json_integer(a->type));
    put(o, "name", name_or_null(rill_stun_attr_name(a->type)));
    put(o, "len", json_integer((json_int_t)a->value.n));
    if (kind == RILL_STUN_TEXT)
        shown = put_text(o, a->value);
    else if (kind == RILL_STUN_ADDR || kind == RILL_STUN_XOR_ADDR)
        shown = put_addr(o, m, a->value, kind == RILL_STUN_XOR_ADDR);
    else if (kind == RILL_STUN_ERROR_VALUE)
        shown = put_error(o, a->value);
    if (!shown)
        put(o, "value", rill_app_json_hex(a->value));
    put_meaning(o, kind, a->value);
    if (a->type == RILL_STUN_CHANGE_REQUEST)
        put_change(o, a->value);
    if (a->type == RILL_STUN_NONCE)
        put_features(o, a->value);
    put(o, "offset", json_integer((json_int_t)a->offset));
    return o;
}

static json_t *seal(bool there, bool has_key, bool right)
{
    if (!there)
        return json_string("absent");
    if (!has_key)
        return json_string("present");
    return json_string(right ? "ok" : "bad");
}

/* RFC 8489 §9.1.3: a message is sealed by either attribute, so one with the second alone has
 * its integrity told by that. */
static void put_integrity(json_t *out, const struct rill_stun_msg *m, struct rill_view key)
{
    bool keyed = key.p != NULL;
    bool sha1 = keyed && rill_stun_check_integrity(m, key);
    bool sha256 = keyed && rill_stun_check_integrity256_cut(m, key, RILL_STUN_INTEGRITY256_LEAST);
    bool first = m->integrity_at;
    put(out, "integrity", seal(first || m->integrity256_at, keyed, first ? sha1 : sha256));
    if (m->integrity256_at)
        put(out, "integrity_sha256", seal(true, keyed, sha256));
}

/* The key of a message under long-term credentials: its REALM and PASSWORD-ALGORITHM say how it
 * is made (RFC 8489 §18.5.1). */
static struct rill_view key_of(const struct rill_decode_args *args, const struct rill_stun_msg *m,
                               uint8_t room[RILL_DIGEST_MAX])
{
    struct rill_view realm = {0}, chosen;
    /* RFC 8489 appendix B.1 seals under a SHA-256 key and names no algorithm. */
    bool sha256 = m->integrity256_at && !m->integrity_at;
    struct rill_stun_algorithm_item item = {.algorithm = sha256 ? RILL_STUN_ALGORITHM_SHA256
                                                                : RILL_STUN_ALGORITHM_MD5};
    if (!args->username.p || !args->key.p)
        return args->key;
    rill_stun_find(m, RILL_STUN_REALM, &realm);
    if (rill_stun_find(m, RILL_STUN_PASSWORD_ALGORITHM, &chosen)) {
        struct rill_reader r = rill_reader_of(chosen);
        rill_stun_next_algorithm(&r, &item);
    }
    size_t n = rill_stun_long_term_key((enum rill_stun_algorithm)item.algorithm, args->username,
                                       realm, args->key, room);
    return rill_view_at(room, n);
}

int rill_decode_stun(const struct rill_decode_args *args, struct rill_view in, json_t *out,
                     struct rill_err *why)
{
    static const char *const classes[] = {"request", "indication", "success", "error"};
    struct rill_stun_msg m;
    struct rill_stun_attr a;
    uint8_t key[RILL_DIGEST_MAX];
    int rc = rill_stun_decode(in, &m, why);
    if (rc < 0)
        return rc;
    put(out, "class", json_string(classes[m.class]));
    put(out, "method", json_integer(m.method));
    put(out, "method_name", name_or_null(rill_stun_method_name(m.method)));
    put(out, "txid", rill_app_json_hex(m.txid));
    json_t *attrs = json_array();
    for (size_t at = 0; rill_stun_next(&m, &at, &a);)
        json_array_append_new(attrs, attr(&m, &a));
    put(out, "attrs", attrs);
    put_integrity(out, &m, key_of(args, &m, key));
    put(out, "fingerprint", seal(m.fingerprint_at, true, rill_stun_check_fingerprint(&m)));
    return 0;
}
