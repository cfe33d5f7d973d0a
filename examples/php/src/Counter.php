<?php

declare(strict_types=1);

namespace App;

use Doctrine\Inflector\Inflector;

/** Says how many there are of something: "3 geese". */
final class Counter
{
    public function __construct(private readonly Inflector $inflector)
    {
    }

    /** @param string $noun in the singular */
    public function count(int $number, string $noun): string
    {
        return match ($number) {
            0 => 'no ' . $this->inflector->pluralize($noun),
            1 => '1 ' . $noun,
            default => $number . ' ' . $this->inflector->pluralize($noun),
        };
    }

    /** @param array<string, int> $numbers noun => how many there are */
    public function countAll(array $numbers): string
    {
        return implode(', ', array_map($this->count(...), $numbers, array_keys($numbers)));
    }
}
