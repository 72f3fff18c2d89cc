import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Transactions as Kafka's own client makes them; prints what came of them. Takes the broker's address; topics `in` and `out` are there. */
class Transactions {
  static String brokers;
  static final TopicPartition IN = new TopicPartition("in", 0);

  public static void main(String[] args) {
    brokers = args[0];
    try (var producer = producer("writer")) {
      producer.initTransactions();
      write(producer, "a", true);
      write(producer, "b", false);
      write(producer, "c", true);
      System.out.println("in: " + read("in", 2));

      copyWithOffsets();
      System.out.println("out: " + read("out", 2));

      producer.beginTransaction();
      producer.send(new ProducerRecord<>("in", "zombie"));
      producer.flush();
      try (var heir = producer("writer")) {
        heir.initTransactions();
        try {
          producer.commitTransaction();
        } catch (Exception error) {
          System.out.println("zombie: " + error.getClass().getSimpleName());
        }
        write(heir, "d", true);
      }
      System.out.println("in: " + read("in", 3));
    }
  }

  static void write(KafkaProducer<String, String> producer, String value, boolean commit) {
    producer.beginTransaction();
    producer.send(new ProducerRecord<>("in", value));
    if (commit) producer.commitTransaction();
    else producer.abortTransaction();
  }

  /** Copies records and the consumer's position in one transaction, as a member of its group. */
  static void copyWithOffsets() {
    try (var consumer = consumer("copier"); var producer = producer("copier")) {
      producer.initTransactions();
      consumer.subscribe(List.of("in"));
      int copied = 0;
      while (copied < 2) {
        var records = consumer.poll(Duration.ofMillis(200));
        if (records.isEmpty()) continue;
        producer.beginTransaction();
        for (ConsumerRecord<String, String> record : records) {
          producer.send(new ProducerRecord<>("out", record.value().toUpperCase()));
          copied++;
        }
        var offsets = Map.of(IN, new OffsetAndMetadata(consumer.position(IN)));
        producer.sendOffsetsToTransaction(offsets, consumer.groupMetadata());
        try {
          System.out.println("before the commit: " + consumer.committed(Set.of(IN), Duration.ofMillis(300)));
        } catch (TimeoutException error) {
          System.out.println("before the commit: unstable");
        }
        producer.commitTransaction();
      }
      System.out.println("committed is the position: "
          + (consumer.committed(Set.of(IN)).get(IN).offset() == consumer.position(IN)));
    }
  }

  static Set<String> read(String topic, int count) {
    try (var consumer = consumer("reader-" + System.nanoTime())) {
      consumer.subscribe(List.of(topic));
      var values = new TreeSet<String>();
      while (values.size() < count) consumer.poll(Duration.ofMillis(200)).forEach(each -> values.add(each.value()));
      return values;
    }
  }

  static KafkaProducer<String, String> producer(String transactionalId) {
    var properties = new Properties();
    properties.put("bootstrap.servers", brokers);
    properties.put("transactional.id", transactionalId);
    return new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer());
  }

  static KafkaConsumer<String, String> consumer(String group) {
    var properties = new Properties();
    properties.put("bootstrap.servers", brokers);
    properties.put("group.id", group);
    properties.put("isolation.level", "read_committed");
    properties.put("auto.offset.reset", "earliest");
    properties.put("enable.auto.commit", "false");
    return new KafkaConsumer<>(properties, new StringDeserializer(), new StringDeserializer());
  }
}
