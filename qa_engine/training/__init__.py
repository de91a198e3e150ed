"""From what people wrote to better weights: data, training, measuring, versions."""
