#undef NDEBUG
#include "words.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static void counts_words_case_aside(void)
{
    struct word *words = count_words("Tea, tea! And cake.");
    assert(HASH_COUNT(words) == 3);
    assert(strcmp(words->text, "tea") == 0);
    assert(words->count == 2);
    free_words(words);
}

static void breaks_ties_by_the_alphabet(void)
{
    struct word *words = count_words("pear apple");
    const struct word *second = words->hh.next;
    assert(strcmp(words->text, "apple") == 0);
    assert(strcmp(second->text, "pear") == 0);
    free_words(words);
}

static void finds_no_word_where_there_is_none(void)
{
    assert(count_words("1, 2, 3 ...") == NULL);
}

int main(void)
{
    counts_words_case_aside();
    breaks_ties_by_the_alphabet();
    finds_no_word_where_there_is_none();
    puts("ok");
}
