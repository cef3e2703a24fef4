#include "dtls/names.h"

#define LABEL_MAX 63
#define DNS_MAX 253

static bool is_label_char(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
}

/* RFC 1034 §3.5, and the underscore that names in private networks have. */
static bool is_label(struct rill_view label)
{
    if (label.n == 0 || label.n > LABEL_MAX || label.p[0] == '-' || label.p[label.n - 1] == '-')
        return false;
    for (size_t i = 0; i < label.n; i++)
        if (!is_label_char(label.p[i]))
            return false;
    return true;
}

static bool is_dns(struct rill_view name)
{
    if (name.n > DNS_MAX)
        return false;
    if (rill_view_starts(name, "*."))
        name = rill_view_sub(name, 2, name.n - 2);
    do {
        if (!is_label(rill_view_cut(name, '.', &name)))
            return false;
    } while (name.p);
    return true;
}

bool rill_tls_name_parse(struct rill_view text, struct rill_tls_name *out)
{
    struct rill_tls_name name = {.dns = {0}};
    if (rill_addr_parse_ip(text, &name.ip)) {
        *out = name;
        return true;
    }
    if (text.n > 1 && text.p[text.n - 1] == '.')
        text.n--;
    if (!is_dns(text))
        return false;
    *out = (struct rill_tls_name){.dns = text};
    return true;
}

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 'a' - 'A') : c;
}

static bool equal_nocase(struct rill_view a, struct rill_view b)
{
    for (size_t i = 0; a.n == b.n && i < a.n; i++)
        if (lower(a.p[i]) != lower(b.p[i]))
            return false;
    return a.n == b.n;
}

/* RFC 9525 §6.3: a wildcard is the whole of the left-most label, and stands for one label. */
bool rill_tls_dns_matches(struct rill_view pattern, struct rill_view host)
{
    struct rill_view parent;
    if (!is_dns(pattern))
        return false;
    if (equal_nocase(pattern, host))
        return true;
    if (!rill_view_starts(pattern, "*."))
        return false;
    rill_view_cut(host, '.', &parent);
    return equal_nocase(rill_view_sub(pattern, 2, pattern.n - 2), parent);
}
