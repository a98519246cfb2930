"""The one-machine stack: a real Kafka, every service as a process, the sink that receives pages."""
