package dromedary.bench;

import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.kafka.KafkaConstants;
import org.apache.camel.model.dataformat.JsonLibrary;

/**
 * Lines of JSON with {@code id}, {@code status} and {@code value} among their fields: the status becomes {@code processed},
 * the value one more, the id the key. Everything else is as Camel has it by default.
 */
final class LinesToKafka extends RouteBuilder {
  private final int port;
  private final String brokers;
  private final String topic;
  private final Rounds rounds;

  LinesToKafka(int port, String brokers, String topic, Rounds rounds) {
    this.port = port;
    this.brokers = brokers;
    this.topic = topic;
    this.rounds = rounds;
  }

  @Override
  public void configure() {
    // One failure makes the round worthless.
    onException(Throwable.class).process(exchange ->
        rounds.failed(exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class)));

    from("netty:tcp://127.0.0.1:" + port + "?textline=true&sync=false&decoderMaxLineLength=65536").routeId("lines")
        .process(exchange -> rounds.received())
        .unmarshal().json(JsonLibrary.Jackson, Map.class)
        .process(LinesToKafka::change)
        .marshal().json(JsonLibrary.Jackson)
        .to("kafka:" + topic + "?brokers=" + brokers
            + "&requestRequiredAcks=all&enableIdempotence=true"
            + "&valueSerializer=org.apache.kafka.common.serialization.ByteArraySerializer")
        // Reached when the broker has acknowledged the record.
        .process(exchange -> rounds.acknowledged());
  }

  @SuppressWarnings("unchecked")
  private static void change(Exchange exchange) {
    Map<String, Object> line = exchange.getMessage().getBody(Map.class);
    line.put("status", "processed");
    line.put("value", ((Number) line.get("value")).intValue() + 1);
    exchange.getMessage().setHeader(KafkaConstants.KEY, line.get("id").toString());
  }
}
