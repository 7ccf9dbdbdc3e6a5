"""The built-in gates, one module each; they see deliverygate only through the names open to every gate author."""
