/* mdns/private: what the files of the machine share.
 *
 *   mdns.c       the verbs, links, events
 *   questions.c  what is asked of others
 *   names.c      our names: announced, answered for, taken back
 */
#ifndef RILL_MDNS_PRIVATE_H
#define RILL_MDNS_PRIVATE_H

#include "mdns/mdns.h"
#include "mdns/message.h"

#define RILL_MDNS_TTL 120         /* RFC 6762 §10: of host names */
#define RILL_MDNS_TTL_LEGACY 10   /* RFC 6762 §6.7 */
#define RILL_MDNS_ANSWERS 16      /* unicast ones that wait */
#define RILL_MDNS_ANNOUNCEMENTS 2 /* RFC 6762 §8.3 */
/* The draft's limit for all that is multicast: 100 messages a second. */
#define RILL_MDNS_PACE (10 * RILL_MS)

struct rill_mdns_link {
    bool used, tell, asked, open;
    uint32_t interface, request;
    uint8_t family;
    uint32_t group, own; /* sockets */
    uint32_t closing[2]; /* sockets to be told of by CLOSE */
};

struct rill_mdns_question {
    bool used, settled;
    char text[RILL_MDNS_NAME_TEXT];
    struct rill_dns_name name;
    uint16_t id;
    unsigned tries;   /* begun */
    uint32_t pending; /* bit n: this try is still to leave on link n */
    int64_t next_at;  /* the next try, or the end */
    size_t n;
    struct rill_addr addrs[RILL_MDNS_ADDRS];
};

struct rill_mdns_name {
    bool used, goodbye;
    struct rill_dns_name name;
    struct rill_addr addr;
    uint32_t interface;
    unsigned announced;                   /* rounds begun */
    int64_t announce_at;                  /* the next round */
    uint32_t pending;                     /* bit n: to be multicast on link n */
    uint32_t told;                        /* bit n: it was */
    int64_t told_at[RILL_MDNS_LINKS_MAX]; /* when last */
};

struct rill_mdns_answer {
    size_t name;
    struct rill_path path;
    bool legacy;
    uint16_t id, type;
};

struct rill_mdns {
    struct rill_rng rng;
    const struct rill_trace *trace;
    int64_t now;
    bool closed;
    int64_t multicast_at; /* not before */
    uint32_t next_request;
    size_t cap_links, cap_names, cap_questions;
    struct rill_mdns_link *links;
    struct rill_mdns_name *names;
    struct rill_mdns_question *questions;
    size_t n_answers;
    struct rill_mdns_answer answers[RILL_MDNS_ANSWERS];
};

static inline int rill_mdns_refuse(int code, uint64_t value, struct rill_err *why)
{
    return rill_err_set(&rill_mdns_errors, code, 0, value, why);
}

/* mdns.c. "label.local". */
int rill_mdns_read_name(struct rill_view text, struct rill_dns_name *out);
struct rill_addr rill_mdns_group(const struct rill_mdns_link *l);
uint32_t rill_mdns_open_links(const struct rill_mdns *x);

/* questions.c */
void rill_mdns_questions_link(struct rill_mdns *x, int64_t now, size_t link);
void rill_mdns_questions_tick(struct rill_mdns *x, int64_t now);
size_t rill_mdns_questions_output(struct rill_mdns *x, struct rill_path *path,
                                  struct rill_span out);
int64_t rill_mdns_questions_deadline(const struct rill_mdns *x);
/* own: it came to a socket of our own port, by unicast. */
int rill_mdns_response(struct rill_mdns *x, size_t link, bool own, struct rill_view message,
                       struct rill_err *why);
bool rill_mdns_question_event(struct rill_mdns *x, struct rill_mdns_event *out);

/* names.c */
void rill_mdns_names_link(struct rill_mdns *x, int64_t now, size_t link);
void rill_mdns_names_tick(struct rill_mdns *x, int64_t now);
size_t rill_mdns_answers_output(struct rill_mdns *x, struct rill_path *path, struct rill_span out);
size_t rill_mdns_names_output(struct rill_mdns *x, int64_t now, struct rill_path *path,
                              struct rill_span out);
int64_t rill_mdns_names_deadline(const struct rill_mdns *x);
int rill_mdns_query(struct rill_mdns *x, int64_t now, size_t link, const struct rill_path *path,
                    struct rill_view message, struct rill_err *why);
void rill_mdns_goodbye(struct rill_mdns *x, struct rill_mdns_name *n);

#endif
