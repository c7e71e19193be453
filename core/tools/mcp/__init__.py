"""The client side of the Model Context Protocol: tools of servers that this project did not write.

What comes from there is data: names, descriptions and results of a server are as trustworthy as a page on the web.
"""
