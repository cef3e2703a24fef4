/* profile: the protection profiles of RFC 5764 §4.1.2 and RFC 7714 §14.2 as one table. */
#include "srtp/srtp.h"

static const struct profile {
    uint16_t number;
    uint8_t key, salt;
    const char *name;
} profiles[] = {
    {RILL_SRTP_AES128_CM_HMAC_SHA1_80, 16, 14, "SRTP_AES128_CM_HMAC_SHA1_80"},
    {RILL_SRTP_AES128_CM_HMAC_SHA1_32, 16, 14, "SRTP_AES128_CM_HMAC_SHA1_32"},
    {RILL_SRTP_AEAD_AES_128_GCM, 16, 12, "SRTP_AEAD_AES_128_GCM"},
    {RILL_SRTP_AEAD_AES_256_GCM, 32, 12, "SRTP_AEAD_AES_256_GCM"},
};

static const struct profile *find(uint16_t number)
{
    for (size_t i = 0; i < sizeof profiles / sizeof profiles[0]; i++)
        if (profiles[i].number == number)
            return &profiles[i];
    return NULL;
}

size_t rill_srtp_key_size(uint16_t profile)
{
    const struct profile *p = find(profile);
    return p ? p->key : 0;
}

size_t rill_srtp_salt_size(uint16_t profile)
{
    const struct profile *p = find(profile);
    return p ? p->salt : 0;
}

const char *rill_srtp_profile_name(uint16_t profile)
{
    const struct profile *p = find(profile);
    return p ? p->name : NULL;
}

uint16_t rill_srtp_profile_by_name(struct rill_view name)
{
    for (size_t i = 0; i < sizeof profiles / sizeof profiles[0]; i++)
        if (rill_view_is(name, profiles[i].name))
            return profiles[i].number;
    return 0;
}
