"""confluent-kafka-python, librdkafka behind it: what an application does with it. checks.py says how it is called."""

import admin
import consumer
import consumer_groups
import groups
import producer
import share_groups
import transactions
from checks import main

__all__ = ["admin", "consumer", "consumer_groups", "groups", "producer", "share_groups", "transactions"]

if __name__ == "__main__":
    main()
