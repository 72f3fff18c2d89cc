/*
 * A C program on librdkafka: idempotent records with all codecs, a transaction that is committed and one that is aborted,
 * then all read in a group, committed records only.
 *   librdkafka BROKERS TOPIC
 * The topic has one partition. Prints one line a record read, its value; ends with 1,
 * and a line on stderr, at the first thing that goes wrong.
 */
#include <librdkafka/rdkafka.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RECORDS_EACH 100
#define TIMEOUT_MS 20000

static const char *CODECS[] = {"gzip", "snappy", "lz4", "zstd"};
static const char *brokers;
static const char *topic;
static int delivered = 0;

static void fail(const char *what, const char *why) {
  fprintf(stderr, "%s: %s\n", what, why);
  exit(1);
}

static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *message, void *opaque) {
  (void)rk;
  (void)opaque;
  /* Records of an aborted transaction may be purged before they are sent. */
  if (message->err == RD_KAFKA_RESP_ERR__PURGE_QUEUE) return;
  if (message->err) fail("delivery", rd_kafka_err2str(message->err));
  delivered++;
}

/* A client with the settings given as name, value, …, NULL. */
static rd_kafka_t *client(rd_kafka_type_t type, ...) {
  char error[512];
  rd_kafka_conf_t *conf = rd_kafka_conf_new();
  rd_kafka_conf_set(conf, "bootstrap.servers", brokers, NULL, 0);
  va_list settings;
  va_start(settings, type);
  for (const char *name; (name = va_arg(settings, const char *));) {
    const char *value = va_arg(settings, const char *);
    if (rd_kafka_conf_set(conf, name, value, error, sizeof(error)) != RD_KAFKA_CONF_OK) fail(name, error);
  }
  va_end(settings);
  if (type == RD_KAFKA_PRODUCER) rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
  rd_kafka_t *rk = rd_kafka_new(type, conf, error, sizeof(error));
  if (!rk) fail("client", error);
  return rk;
}

static void produce(rd_kafka_t *rk, const char *prefix, int count) {
  for (int i = 0; i < count; i++) {
    char value[64];
    snprintf(value, sizeof(value), "%s %d", prefix, i);
    rd_kafka_resp_err_t error = rd_kafka_producev(rk, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(0),
                                                  RD_KAFKA_V_VALUE(value, strlen(value)),
                                                  RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
    if (error) fail("produce", rd_kafka_err2str(error));
  }
}

static void flush(rd_kafka_t *rk) {
  rd_kafka_resp_err_t error = rd_kafka_flush(rk, TIMEOUT_MS);
  if (error) fail("flush", rd_kafka_err2str(error));
}

static void require(const char *what, rd_kafka_error_t *error) {
  if (error) fail(what, rd_kafka_error_string(error));
}

static void produce_codecs(void) {
  for (size_t i = 0; i < sizeof(CODECS) / sizeof(*CODECS); i++) {
    rd_kafka_t *rk = client(RD_KAFKA_PRODUCER, "enable.idempotence", "true", "compression.codec", CODECS[i],
                            "linger.ms", "50", NULL);
    produce(rk, CODECS[i], RECORDS_EACH);
    flush(rk);
    rd_kafka_destroy(rk);
  }
}

static void produce_transactions(void) {
  rd_kafka_t *rk = client(RD_KAFKA_PRODUCER, "transactional.id", topic, NULL);
  require("init", rd_kafka_init_transactions(rk, TIMEOUT_MS));
  require("begin", rd_kafka_begin_transaction(rk));
  produce(rk, "committed", RECORDS_EACH);
  require("commit", rd_kafka_commit_transaction(rk, TIMEOUT_MS));
  require("begin", rd_kafka_begin_transaction(rk));
  produce(rk, "aborted", RECORDS_EACH);
  flush(rk); /* so that they are in the log when they are aborted */
  require("abort", rd_kafka_abort_transaction(rk, TIMEOUT_MS));
  require("begin", rd_kafka_begin_transaction(rk));
  produce(rk, "last", 1);
  require("commit", rd_kafka_commit_transaction(rk, TIMEOUT_MS));
  rd_kafka_destroy(rk);
}

/* Prints what the group reads up to the record "last 0", commits that, and leaves. */
static void consume(void) {
  rd_kafka_t *rk = client(RD_KAFKA_CONSUMER, "group.id", topic, "isolation.level", "read_committed",
                          "auto.offset.reset", "earliest", "enable.auto.commit", "false", "check.crcs", "true", NULL);
  rd_kafka_poll_set_consumer(rk);
  rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(topics, topic, RD_KAFKA_PARTITION_UA);
  rd_kafka_resp_err_t error = rd_kafka_subscribe(rk, topics);
  if (error) fail("subscribe", rd_kafka_err2str(error));
  rd_kafka_topic_partition_list_destroy(topics);
  for (int last = 0; !last;) {
    rd_kafka_message_t *message = rd_kafka_consumer_poll(rk, TIMEOUT_MS);
    if (!message) fail("consume", "nothing came in time");
    if (message->err) fail("consume", rd_kafka_message_errstr(message));
    printf("%.*s\n", (int)message->len, (const char *)message->payload);
    last = message->len == 6 && memcmp(message->payload, "last 0", 6) == 0;
    rd_kafka_message_destroy(message);
  }
  error = rd_kafka_commit(rk, NULL, 0);
  if (error) fail("commit offsets", rd_kafka_err2str(error));
  error = rd_kafka_consumer_close(rk);
  if (error) fail("close", rd_kafka_err2str(error));
  rd_kafka_destroy(rk);
}

int main(int argc, char **argv) {
  if (argc != 3) fail("usage", "librdkafka BROKERS TOPIC");
  brokers = argv[1];
  topic = argv[2];
  produce_codecs();
  produce_transactions();
  int expected = (int)(sizeof(CODECS) / sizeof(*CODECS) + 2) * RECORDS_EACH + 1;
  if (delivered != expected) {
    fprintf(stderr, "Expected %d records to be delivered, got %d\n", expected, delivered);
    return 1;
  }
  consume();
  return 0;
}
