<?php

declare(strict_types=1);

// A service would start PHP-FPM and go on, with a web server before it. This one asks itself for one page, as that
// would, shows it and ends.

$socket = sys_get_temp_dir() . '/once.sock';
putenv("PHP_FPM_LISTEN=$socket");
$command = ['php-fpm', '--nodaemonize', '--force-stderr', '--fpm-config', '/etc/php-fpm.conf'];
$service = proc_open($command, [2 => ['file', '/dev/null', 'w']], $pipes);
while (!file_exists($socket) && proc_get_status($service)['running']) {
    usleep(10_000);
}

$page = ask($socket, [
    'REQUEST_METHOD' => 'GET',
    'SCRIPT_FILENAME' => __DIR__ . '/public/index.php',
    'QUERY_STRING' => http_build_query(['number' => 3, 'dish' => 'crème brûlée']),
]);
echo explode("\r\n\r\n", $page, 2)[1], PHP_EOL;

proc_terminate($service, SIGQUIT);
exit(proc_close($service));

/**
 * What a web server does: asks over FastCGI.
 *
 * @param array<string, string> $parameters each shorter than 128 bytes
 */
function ask(string $socket, array $parameters): string
{
    $record = fn (int $type, string $content): string => pack('CCnnCx', 1, $type, 1, strlen($content), 0) . $content;
    $pair = fn (string $name, string $value): string => pack('CC', strlen($name), strlen($value)) . $name . $value;
    $pairs = implode('', array_map($pair, array_keys($parameters), $parameters));

    $connection = stream_socket_client("unix://$socket");
    // It begins, says the parameters, and has nothing more to say: neither parameters nor a body.
    fwrite($connection, $record(1, pack('nCx5', 1, 0)) . $record(4, $pairs) . $record(4, '') . $record(5, ''));

    $answer = '';
    while (strlen($head = stream_get_contents($connection, 8)) === 8) {
        ['type' => $type, 'length' => $length, 'padding' => $padding] = unpack('x/Ctype/x2/nlength/Cpadding/x', $head);
        $content = $length + $padding > 0 ? stream_get_contents($connection, $length + $padding) : '';
        if ($type === 6) {
            $answer .= substr($content, 0, $length);
        }
    }

    return $answer;
}
