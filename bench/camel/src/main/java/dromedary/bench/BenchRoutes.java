package dromedary.bench;

import org.apache.camel.builder.RouteBuilder;

/** The routes of {@code bench/src/routes.ts}, step for step, with the default error handler. */
final class BenchRoutes extends RouteBuilder {
  private final Counters counters;

  BenchRoutes(Counters counters) {
    this.counters = counters;
  }

  @Override
  public void configure() {
    from("direct:r1").routeId("r1").setBody(constant("x")).to("direct:r1b");
    from("direct:r1b").routeId("r1b").process(exchange -> counters.seen++);

    from("direct:r2").routeId("r2")
        .choice()
          .when(simple("${header.kind} == 'a'")).setHeader("picked", constant("A"))
          .when(simple("${header.kind} == 'b'")).setHeader("picked", constant("B"))
          .when(simple("${header.kind} == 'c'")).setHeader("picked", constant("C"))
          .otherwise().setHeader("picked", constant("other"))
        .end();

    from("direct:r5").routeId("r5")
        .filter(simple("${body} contains 'x'"))
          .transform(simple("Hello ${body} from ${header.who}"))
          .process(exchange -> counters.look(exchange.getMessage().getBody(String.class)))
        .end();

    var r7 = from("direct:r7").routeId("r7");
    for (int i = 0; i < 10; i++) r7.process(exchange -> counters.seen++);
  }
}
