<?php

declare(strict_types=1);

use App\Counter;
use Doctrine\Inflector\InflectorFactory;

require __DIR__ . '/vendor/autoload.php';

$counter = new Counter(InflectorFactory::create()->build());

echo 'On the farm: ', $counter->countAll(['goose' => 3, 'child' => 2, 'dog' => 1, 'mouse' => 0]), PHP_EOL;
