"""What kafka-python sees of a broker, as JSON. Usage: kafka-python.py HOST:PORT"""
import json
import sys

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, NewPartitions, NewTopic

servers = sys.argv[1]
seen = {}
admin = KafkaAdminClient(bootstrap_servers=servers)
admin.create_topics([NewTopic("py", 2, 1, topic_configs={"retention.ms": "86400000"})])
admin.create_partitions({"py": NewPartitions(3)})
described = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, "py")])
seen["retention"] = next(entry[1] for entry in described[0].resources[0][4] if entry[0] == "retention.ms")

for codec in (None, "gzip"):
    producer = KafkaProducer(bootstrap_servers=servers, compression_type=codec, acks="all", linger_ms=20)
    sent = [producer.send("py", b"%d" % i, b"key %d" % i, headers=[("codec", str(codec).encode())]) for i in range(100)]
    producer.flush()
    seen[f"acknowledged {codec}"] = sum(1 for each in sent if each.get(10).offset >= 0)
    producer.close()

consumer = KafkaConsumer("py", bootstrap_servers=servers, group_id="readers", auto_offset_reset="earliest")
records = []
while len(records) < 200:
    for batch in consumer.poll(500).values():
        records.extend(batch)
consumer.commit()
seen["read"] = sorted({int(record.value) for record in records}) == list(range(100))
seen["codecs"] = sorted({record.headers[0][1].decode() for record in records})
partitions = [TopicPartition("py", i) for i in range(3)]
seen["committed"] = sum(consumer.committed(each) for each in partitions)
seen["ends"] = sum(consumer.end_offsets(partitions).values())
seen["first by time"] = [each.offset for each in consumer.offsets_for_times({p: 10**12 for p in partitions}).values()]
group = admin.describe_consumer_groups(["readers"])[0]
seen["group"] = [group.state, len(group.members)]
seen["offsets"] = sum(each.offset for each in admin.list_consumer_group_offsets("readers").values())
consumer.close()
seen["deleted"] = [(name, error.errno) for name, error in admin.delete_consumer_groups(["readers"])]
admin.delete_topics(["py"])
seen["topics"] = [name for name in admin.list_topics() if not name.startswith("__")]
print(json.dumps(seen))
