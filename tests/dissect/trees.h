/* trees: a tree of any bytes, and what holds of every tree. */
#ifndef RILL_TESTS_DISSECT_TREES_H
#define RILL_TESTS_DISSECT_TREES_H

#include "dissect/dissect.h"
#include "tests/rill_test.h"

#define NODES_MAX 8192
#define BYTES_MAX 65536

struct tree {
    struct rill_dissection d;
    struct rill_view bytes;
    struct rill_dissect_hints hints;
    struct rill_dissect_node nodes[NODES_MAX];
    uint8_t room[BYTES_MAX];
    uint8_t scratch[1024 * 1024];
};

static inline size_t tree_end(const struct tree *t, size_t i)
{
    uint8_t depth = t->nodes[i].depth;
    for (i++; i < t->d.n && t->nodes[i].depth > depth; i++)
        continue;
    return i;
}

/* Every node lies inside its parent and behind its elder sibling. */
static inline void assert_tidy(const struct tree *t)
{
    for (size_t i = 0; i < t->d.n; i++) {
        const struct rill_dissect_node *node = &t->nodes[i];
        uint64_t end = (uint64_t)node->bit + node->bits;
        assert_non_null(node->name);
        assert_true(node->inside == (node->bits > 0));
        assert_true(node->bits == 0 || end <= t->bytes.n * 8);
        assert_true(i == 0 ? node->depth == 0 : node->depth <= t->nodes[i - 1].depth + 1);
        uint64_t behind = node->bit;
        for (size_t k = i + 1; k < tree_end(t, i); k++) {
            const struct rill_dissect_node *child = &t->nodes[k];
            if (child->depth != node->depth + 1 || child->bits == 0)
                continue;
            if (child->bit < behind || (uint64_t)child->bit + child->bits > end)
                print_message("%s > %s: bits %u to %u\n", node->name, child->name, child->bit,
                              child->bit + child->bits);
            assert_true(child->bit >= behind);
            behind = (uint64_t)child->bit + child->bits;
            assert_true(behind <= end);
        }
    }
}

/* Every bit is told of by a node that has no children with bytes; or, in a text, by one that shows
 * it. */
static inline void assert_covered(const struct tree *t, bool text)
{
    static uint8_t told[BYTES_MAX * 8];
    memset(told, 0, t->bytes.n * 8);
    for (size_t i = 0; i < t->d.n; i++) {
        const struct rill_dissect_node *node = &t->nodes[i];
        bool leaf = tree_end(t, i) == i + 1;
        /* The bits of a STUN message's class lie between those of its method. */
        if (!leaf && node->type == RILL_DISSECT_U64 && t->nodes[i + 1].bits < node->bits)
            leaf = true;
        if (leaf || (text && node->type == RILL_DISSECT_TEXT))
            memset(told + node->bit, 1, node->bits);
    }
    for (size_t i = 0; i < t->bytes.n * 8; i++)
        if (!told[i])
            fail_msg("bit %zu of byte %zu is told by nobody", i % 8, i / 8);
}

static inline bool tree_is_bad(const struct tree *t)
{
    for (size_t i = 0; i < t->d.n; i++)
        if (t->nodes[i].bad)
            return true;
    return false;
}

static inline void tree_of(struct tree *t, enum rill_dissect_kind kind, struct rill_view bytes)
{
    t->bytes = bytes;
    t->d = (struct rill_dissection){
        .nodes = t->nodes, .cap = NODES_MAX, .scratch = {t->scratch, sizeof t->scratch}};
    rill_dissect(&t->d, kind, bytes, &t->hints);
    assert_false(t->d.cut);
    assert_tidy(t);
}

static inline void tree_of_hex(struct tree *t, enum rill_dissect_kind kind, const char *hex)
{
    tree_of(t, kind, rill_test_hex(hex, t->room, sizeof t->room));
}

/* A tree of what is as it should be. */
static inline void assert_good(const struct tree *t, bool text)
{
    for (size_t i = 0; i < t->d.n; i++)
        if (t->nodes[i].bad)
            fail_msg("%s is bad: %s", t->nodes[i].name, t->nodes[i].meaning);
    assert_covered(t, text);
}

/* The first node at a path "STUN/USERNAME/length", each below the one before it at any depth. */
static inline const struct rill_dissect_node *node_of(const struct tree *t, const char *path)
{
    struct rill_view rest = rill_view_of(path);
    size_t from = 0, end = t->d.n, at = SIZE_MAX;
    while (rest.p) {
        struct rill_view name = rill_view_cut(rest, '/', &rest);
        at = SIZE_MAX;
        for (size_t i = from; i < end && at == SIZE_MAX; i++)
            if (rill_view_equal(rill_view_of(t->nodes[i].name), name))
                at = i;
        if (at == SIZE_MAX)
            fail_msg("there is no %s", path);
        from = at + 1;
        end = tree_end(t, at);
    }
    return &t->nodes[at];
}

static inline void assert_number(const struct tree *t, const char *path, uint64_t u)
{
    assert_int_equal(node_of(t, path)->type, RILL_DISSECT_U64);
    assert_int_equal(node_of(t, path)->u, u);
}

static inline void assert_shows(const struct tree *t, const char *path, const char *text)
{
    uint8_t out[4096];
    struct rill_writer w = rill_writer_of((struct rill_span){out, sizeof out});
    rill_dissect_write_value(&w, node_of(t, path));
    assert_true(rill_w_end_text(&w));
    assert_string_equal((char *)out, text);
}

static inline void assert_means(const struct tree *t, const char *path, const char *meaning)
{
    assert_non_null(node_of(t, path)->meaning);
    assert_string_equal(node_of(t, path)->meaning, meaning);
}

static inline void assert_place(const struct tree *t, const char *path, uint32_t bit, uint32_t bits)
{
    assert_int_equal(node_of(t, path)->bit, bit);
    assert_int_equal(node_of(t, path)->bits, bits);
}

static inline void assert_summary(const struct tree *t, const char *line)
{
    uint8_t out[2048];
    struct rill_writer w = rill_writer_of((struct rill_span){out, sizeof out});
    rill_dissect_write_summary_of(&w, &t->d);
    assert_true(rill_w_end_text(&w));
    assert_string_equal((char *)out, line);
}

#endif
