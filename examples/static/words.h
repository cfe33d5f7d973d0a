#ifndef WORDS_H
#define WORDS_H

#include <stddef.h>
#include <uthash.h>

/* A word and how often it was seen. */
struct word {
    char *text;
    size_t count;
    UT_hash_handle hh;
};

/* Counts the words of a text, case aside; the most frequent comes first, then by the alphabet. */
struct word *count_words(const char *text);

void free_words(struct word *words);

#endif
