/** What a node of many has to tell; all read from memory. */
import type { Metrics } from '@polyplex/node';
import type { NetworkFacts, RedisQueueStore } from '@polyplex/store-redis';

export function addNetworkMetrics(metrics: Metrics, network: RedisQueueStore): void {
  const facts = (): NetworkFacts => network.network();
  metrics.gauge(['polyplex_nodes', 'Nodes that live, this one included'], () => facts().nodes);
  metrics.gauge(['polyplex_redis_primaries', 'Primaries of Redis'], () => facts().primaries);
  metrics.gauge(['polyplex_redis_primaries_connected', 'Primaries of Redis that this node is connected to'], () => facts().connected);
  metrics.gauge(['polyplex_network_subscriptions', 'Subscriptions of queues and notifiers that this node holds'], () => facts().claims);
  metrics.counter(['polyplex_redis_commands_total', 'Commands sent to Redis'], () => facts().commands);
  metrics.counter(['polyplex_words_posted_total', 'Wake-ups and other words to other nodes'], () => facts().posted);
  metrics.counter(['polyplex_words_lost_total', 'Words to other nodes that could not be posted'], () => facts().lost);
  metrics.counter(['polyplex_inbox_overflows_total', 'Times that this node\'s inbox was full'], () => facts().overflows);
  metrics.counter(['polyplex_inbox_interruptions_total', 'Times that this node lost the connection to its inbox'], () => facts().interruptions);
  metrics.counter(['polyplex_reconciliations_total', 'Times that this node asked after all its subscriptions'], () => facts().looks);
  metrics.counter(['polyplex_reconciled_subscriptions_total', 'Subscriptions whose end was found by asking'], () => facts().found);
}
