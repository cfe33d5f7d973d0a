#define _POSIX_C_SOURCE 200809L
#include "words.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static void count(struct word **words, const char *start, size_t length)
{
    char *text = strndup(start, length);
    if (!text) abort();
    for (char *letter = text; *letter; letter++) *letter = (char)tolower((unsigned char)*letter);

    struct word *found;
    HASH_FIND_STR(*words, text, found);
    if (found) {
        free(text);
    } else {
        found = calloc(1, sizeof *found);
        if (!found) abort();
        found->text = text;
        HASH_ADD_KEYPTR(hh, *words, found->text, length, found);
    }
    found->count++;
}

static int by_frequency(struct word *a, struct word *b)
{
    if (a->count != b->count) return a->count < b->count ? 1 : -1;
    return strcmp(a->text, b->text);
}

struct word *count_words(const char *text)
{
    struct word *words = NULL;
    while (*text) {
        size_t length = 0;
        while (isalpha((unsigned char)text[length])) length++;
        if (length > 0) count(&words, text, length);
        text += length > 0 ? length : 1;
    }
    HASH_SORT(words, by_frequency);
    return words;
}

void free_words(struct word *words)
{
    struct word *word, *next;
    HASH_ITER(hh, words, word, next) {
        HASH_DEL(words, word);
        free(word->text);
        free(word);
    }
}
