<?php

declare(strict_types=1);

use App\Card;
use Doctrine\Inflector\InflectorFactory;

require __DIR__ . '/vendor/autoload.php';

// Not assert(): PHP leaves that out where php.ini is one for production.
function expectSame(string $expected, string $actual): void
{
    if ($actual !== $expected) {
        throw new UnexpectedValueException("expected \"$expected\", got \"$actual\"");
    }
}

$card = new Card(InflectorFactory::create()->build());

expectSame('<li>1 Œuf À La Coque</li>', $card->line(1, 'œuf à la coque'));
expectSame('<li>2 Soups</li>', $card->line(2, 'soup'));
expectSame('<li>1 &lt;B&gt;Pie&lt;/B&gt;</li>', $card->line(1, '<b>pie</b>'));

echo 'ok', PHP_EOL;
