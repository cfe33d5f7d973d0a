#include "words.h"

#include <stdio.h>

static const char *RHYME =
    "How much wood would a woodchuck chuck if a woodchuck could chuck wood?\n"
    "As much wood as a woodchuck could chuck, if a woodchuck could chuck wood.\n";

int main(void)
{
    struct word *words = count_words(RHYME);
    const struct word *word = words;
    for (int place = 0; word && place < 3; place++, word = word->hh.next) {
        printf("%zu times \"%s\"\n", word->count, word->text);
    }
    free_words(words);
}
