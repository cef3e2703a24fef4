/* paths: `file.c` · `function` must be there (see pages.h). */
#include "walk/pages.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define SIGN "·"
#define PATH_MAX_HERE 120

static bool is_name(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* Behind the closing parenthesis of the one at p. */
static const char *past_parentheses(const char *p)
{
    int depth = 0;
    for (; *p; p++) {
        depth += *p == '(';
        depth -= *p == ')';
        if (depth == 0)
            return p + 1;
    }
    return p;
}

/* At `at` a function is defined: its line begins at the margin, and a body follows. */
static bool is_definition(const char *source, const char *at, size_t n)
{
    const char *line = at;
    while (line > source && line[-1] != '\n')
        line--;
    if (at[n] != '(' || (at > source && is_name(at[-1])) || !(isalpha((unsigned char)*line)))
        return false;
    const char *p = past_parentheses(at + n);
    while (isspace((unsigned char)*p))
        p++;
    return *p == '{';
}

static bool defines(const char *path, const char *function)
{
    char *source = walk_read(path);
    size_t n = strlen(function);
    bool found = false;
    for (const char *at = source; at && !found && (at = strstr(at, function)) != NULL; at++)
        found = is_definition(source, at, n);
    free(source);
    return found;
}

/* The file before the sign, and the function behind it; a line may end on either side of the sign.
 */
static bool names(const char *page, const char *sign, char file[PATH_MAX_HERE],
                  char function[PATH_MAX_HERE])
{
    const char *end = sign, *name = sign + strlen(SIGN);
    while (end > page && isspace((unsigned char)end[-1]))
        end--;
    while (isspace((unsigned char)*name))
        name++;
    if (end == page || end[-1] != '`' || *name != '`')
        return false;
    const char *begins = --end;
    while (begins > page && begins[-1] != '`')
        begins--;
    size_t n = strcspn(++name, "`");
    if (end - begins >= PATH_MAX_HERE || n >= PATH_MAX_HERE)
        return false;
    memcpy(file, begins, (size_t)(end - begins));
    file[end - begins] = 0;
    memcpy(function, name, n);
    function[n] = 0;
    return true;
}

bool walk_paths(const char *path, size_t *n)
{
    char *page = walk_read(path), file[PATH_MAX_HERE], function[PATH_MAX_HERE];
    bool ok = page != NULL;
    for (const char *at = page; at && (at = strstr(at, SIGN)) != NULL; at += strlen(SIGN)) {
        if (!names(page, at, file, function))
            continue;
        ++*n;
        if (defines(file, function))
            continue;
        fprintf(stderr, "%s: `%s` does not define `%s`\n", path, file, function);
        ok = false;
    }
    free(page);
    return ok;
}
