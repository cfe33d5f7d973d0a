<?php

declare(strict_types=1);

namespace App;

use Doctrine\Inflector\Inflector;

/** A menu card: what there is, and how much of it. */
final class Card
{
    public function __construct(private readonly Inflector $inflector)
    {
    }

    /** @param string $dish in the singular, as anybody may have typed it */
    public function line(int $number, string $dish): string
    {
        $name = $number === 1 ? $dish : $this->inflector->pluralize($dish);

        return "<li>$number " . htmlspecialchars(mb_convert_case($name, MB_CASE_TITLE)) . '</li>';
    }
}
