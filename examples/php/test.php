<?php

declare(strict_types=1);

use App\Counter;
use Doctrine\Inflector\InflectorFactory;

require __DIR__ . '/vendor/autoload.php';

// Not assert(): PHP leaves that out where php.ini is one for production.
function expectSame(string $expected, string $actual): void
{
    if ($actual !== $expected) {
        throw new UnexpectedValueException("expected \"$expected\", got \"$actual\"");
    }
}

$counter = new Counter(InflectorFactory::create()->build());

expectSame('1 person', $counter->count(1, 'person'));
expectSame('2 people', $counter->count(2, 'person'));
expectSame('no boxes', $counter->count(0, 'box'));
expectSame('2 oxen, 1 sheep', $counter->countAll(['ox' => 2, 'sheep' => 1]));

echo 'ok', PHP_EOL;
