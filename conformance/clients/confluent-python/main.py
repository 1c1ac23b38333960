"""confluent-kafka-python, librdkafka behind it: what an application does with it. checks.py says how it is called."""

import admin
import consumer
import groups
import producer
import transactions
from checks import main

__all__ = ["admin", "consumer", "groups", "producer", "transactions"]

if __name__ == "__main__":
    main()
