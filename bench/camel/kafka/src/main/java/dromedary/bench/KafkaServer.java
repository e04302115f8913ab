package dromedary.bench;

import org.apache.camel.CamelContext;
import org.apache.camel.impl.DefaultCamelContext;

/**
 * Arguments: the port to listen on at 127.0.0.1, brokers, topic, lines per round. Says {@code ready camel <version> java
 * <version>}, then {@code round <messages> <nanoseconds>} whenever so many lines have come and are acknowledged, or
 * {@code error <why>}. Ends with its standard input.
 */
public final class KafkaServer {
  public static void main(String[] args) throws Exception {
    Rounds rounds = new Rounds(Integer.parseInt(args[3]));
    try (CamelContext context = new DefaultCamelContext()) {
      context.addRoutes(new LinesToKafka(Integer.parseInt(args[0]), args[1], args[2], rounds));
      context.start();
      System.out.println("ready camel " + context.getVersion() + " java " + Runtime.version().feature());
      while (System.in.read() >= 0) {
        // Nothing is said here.
      }
    }
  }
}
