import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/** Sends the lines of a file, each as a structured CloudEvent, with Kafka's own client: servers, topic, codec, file. */
public class Produce {
    public static void main(String[] given) throws Exception {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", given[0]);
        settings.put("compression.type", given[2]);
        settings.put("linger.ms", "1000");
        settings.put("key.serializer", StringSerializer.class.getName());
        settings.put("value.serializer", StringSerializer.class.getName());
        try (KafkaProducer<String, String> out = new KafkaProducer<>(settings)) {
            for (String line : Files.readAllLines(Path.of(given[3]))) {
                ProducerRecord<String, String> record = new ProducerRecord<>(given[1], 0, "key", line);
                record.headers().add("content-type", "application/cloudevents+json".getBytes());
                out.send(record);
            }
        }
    }
}
