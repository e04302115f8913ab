package dromedary.bench;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;

/**
 * Runs one window per line of standard input, {@code R1 500}, and answers
 * {@code R1 <exchanges> <nanoseconds> <CPU nanoseconds of this thread>}, or {@code R1 error <why>}. Between windows it only waits, so that the other contenders have the machine to themselves.
 */
public final class BenchServer {
  private static final String[] KINDS = {"a", "b", "c", "d"};
  private static final String[] PICKED = {"A", "B", "C", "other"};
  private static final int BATCH = 256;

  private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
  private final Counters counters = new Counters();
  private final CamelContext context = new DefaultCamelContext();
  private final ProducerTemplate template;
  private final Map<String, Route> routes;

  /** Sends exchange number {@code i} on its way. */
  private interface Route {
    void send(int i);
  }

  private BenchServer() throws Exception {
    context.addRoutes(new BenchRoutes(counters));
    context.start();
    template = context.createProducerTemplate();
    Endpoint r1 = context.getEndpoint("direct:r1");
    Endpoint r2 = context.getEndpoint("direct:r2");
    Endpoint r5 = context.getEndpoint("direct:r5");
    Endpoint r7 = context.getEndpoint("direct:r7");
    routes = Map.of(
        "R1", i -> sendTo(r1, fresh("in")),
        "R2", i -> {
          Exchange exchange = fresh("in");
          exchange.getMessage().setHeader("kind", KINDS[i & 3]);
          sendTo(r2, exchange);
          if (exchange.getMessage().getHeader("picked") == PICKED[i & 3]) counters.seen++;
        },
        "R5", i -> {
          Exchange exchange = fresh("a text with x in it");
          exchange.getMessage().setHeader("who", "Camel in the long desert caravan");
          sendTo(r5, exchange);
        },
        "R7", i -> sendTo(r7, fresh("in")));
  }

  private Exchange fresh(Object body) {
    Exchange exchange = new DefaultExchange(context);
    exchange.getMessage().setBody(body);
    return exchange;
  }

  private void sendTo(Endpoint endpoint, Exchange exchange) {
    template.send(endpoint, exchange);
  }

  private String window(String name, long milliseconds) {
    Route route = routes.get(name);
    if (route == null) return name + " error no such route";
    int perExchange = name.equals("R7") ? 10 : 1;
    counters.seen = 0;
    int sent = 0;
    long cpuStart = threads.getCurrentThreadCpuTime();
    long start = System.nanoTime();
    long end = start + milliseconds * 1_000_000L;
    long now;
    do {
      for (int n = 0; n < BATCH; n++) route.send(sent++);
      now = System.nanoTime();
    } while (now < end);
    long cpu = threads.getCurrentThreadCpuTime() - cpuStart;
    long expected = (long) sent * perExchange;
    if (counters.seen != expected) return name + " error counted " + counters.seen + " instead of " + expected;
    return name + " " + sent + " " + (now - start) + " " + cpu;
  }

  public static void main(String[] args) throws Exception {
    BenchServer server = new BenchServer();
    System.out.println("ready camel " + server.context.getVersion() + " java " + Runtime.version().feature());
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    for (String line; (line = in.readLine()) != null; ) {
      String[] words = line.trim().split(" ");
      System.out.println(server.window(words[0], Long.parseLong(words[1])));
    }
    server.context.stop();
  }
}
