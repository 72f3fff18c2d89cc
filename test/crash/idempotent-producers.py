"""Writes with idempotent librdkafka producers until stdin ends, then waits for what is still on its way.

Usage: idempotent-producers.py HOST:PORT TOPIC PARTITIONS PRODUCERS RATE
Each record's value is "PRODUCER SEQUENCE"; RATE is records per second of all producers. Prints JSON:
how many each has sent, how many were acknowledged, and the errors of those that were refused.
"""
import json
import select
import sys
import time

from confluent_kafka import Producer

servers, topic = sys.argv[1:3]
partitions, count, rate = map(int, sys.argv[3:])
config = {
    "bootstrap.servers": servers,
    "enable.idempotence": True,
    "message.timeout.ms": 0,
    "linger.ms": 5,
    "reconnect.backoff.ms": 10,
    "reconnect.backoff.max.ms": 100,
    "log_level": 0,
}
sent = [0] * count
acknowledged = [0] * count
errors = []


def reporter(i):
    def report(error, _message):
        if error is None:
            acknowledged[i] += 1
        else:
            errors.append(str(error))

    return report


producers = [Producer({**config, "client.id": f"producer-{i}"}) for i in range(count)]
reporters = [reporter(i) for i in range(count)]
TICK_SECONDS = 0.005
started = time.monotonic()
while not select.select([sys.stdin], [], [], TICK_SECONDS)[0]:
    due = int((time.monotonic() - started) * rate / count)
    for i, producer in enumerate(producers):
        producer.poll(0)
        while sent[i] < due and len(producer) < 10_000:
            sequence = sent[i]
            value = f"{i} {sequence}".encode()
            producer.produce(topic, value, partition=sequence % partitions, on_delivery=reporters[i])
            sent[i] += 1
for producer in producers:
    producer.flush(120)
print(json.dumps({"sent": sent, "acknowledged": acknowledged, "errors": errors}))
