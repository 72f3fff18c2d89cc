"""Registers, looks up, checks and deletes by confluent_kafka's own SchemaRegistryClient; prints what it saw as JSON."""
import json
import sys

from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.error import SchemaRegistryError

client = SchemaRegistryClient({"url": sys.argv[1]})
schema = Schema(json.dumps({"type": "record", "name": "P", "fields": [{"name": "a", "type": "int"}]}), "AVRO")
wider = Schema(json.dumps({"type": "record", "name": "P", "fields": [{"name": "a", "type": "long"}]}), "AVRO")
text = Schema(json.dumps({"type": "record", "name": "P", "fields": [{"name": "a", "type": "string"}]}), "AVRO")
seen = {}
first = client.register_schema("python-value", schema)
seen["same id"] = client.register_schema("python-value", schema) == first
second = client.register_schema("python-value", wider)
seen["read back"] = json.loads(SchemaRegistryClient({"url": sys.argv[1]}).get_schema(second).schema_str)["fields"]
found = client.lookup_schema("python-value", schema)
seen["lookup"] = [found.subject, found.version, found.schema_id == first]
seen["latest"] = client.get_latest_version("python-value").version
seen["versions"] = client.get_versions("python-value")
seen["subjects"] = "python-value" in client.get_subjects()
seen["compatible"] = client.test_compatibility("python-value", wider)
seen["incompatible"] = client.test_compatibility("python-value", text)
try:
    client.register_schema("python-value", text)
except SchemaRegistryError as error:
    seen["refused"] = error.http_status_code
client.set_compatibility("python-value", "FULL")
seen["level"] = client.get_compatibility("python-value")
seen["deleted version"] = client.delete_version("python-value", 1)
seen["deleted"] = client.delete_subject("python-value")
print(json.dumps(seen))
