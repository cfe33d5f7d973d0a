<?php

declare(strict_types=1);

use App\Card;
use Doctrine\Inflector\InflectorFactory;

require __DIR__ . '/../vendor/autoload.php';

header('Content-Type: text/html; charset=utf-8');
$card = new Card(InflectorFactory::create()->build());
echo $card->line((int) ($_GET['number'] ?? 1), $_GET['dish'] ?? 'soup');
