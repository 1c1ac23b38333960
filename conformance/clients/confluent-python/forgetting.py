"""Whether librdkafka has forgotten its brokers, for ever (2.16.1; its issue 5301).

A broker of Apache Kafka that is alone and stops in order is fenced while it still answers: its Metadata has topics and no brokers.
librdkafka then gives up all brokers that it knows. If the connection is closed before it has read that answer to the end, it
takes back the way to bootstrap.servers that it was about to go, and never goes it again. Nothing but another client helps.
"""

import json

STATISTICS_SECONDS = 5
# It would have gone back to bootstrap.servers long ago.
FORGOTTEN_SECONDS = 60


class Memory:
    """Of one client, which is polled and has these settings."""

    def __init__(self):
        self.statistics = {}
        self.without_brokers = 0
        self.settings = {"statistics.interval.ms": STATISTICS_SECONDS * 1_000, "stats_cb": self.told}

    def told(self, text):
        self.statistics = json.loads(text)
        # A coordinator is called by its role; where it is has to be known of another.
        knows = any(broker["source"] != "logical" for broker in self.statistics["brokers"].values())
        self.without_brokers = 0 if knows else self.without_brokers + STATISTICS_SECONDS

    def is_lost(self):
        """It knows no broker at all, not even one to bootstrap from, for so long."""
        return self.without_brokers >= FORGOTTEN_SECONDS
